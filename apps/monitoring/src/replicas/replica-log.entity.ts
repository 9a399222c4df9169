import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** How much of one replica's gap-free count of records has arrived on one partition. */
@Entity('replica_logs')
@Index('replica_logs_by_replica', ['replica'])
export class ReplicaLog {
  @PrimaryColumn('integer')
  partition: number;

  @PrimaryColumn('uuid')
  replica: string;

  /** Highest sequence seen. */
  @Column('bigint')
  last: string;

  /** Different records seen. */
  @Column('bigint')
  received: string;
}
