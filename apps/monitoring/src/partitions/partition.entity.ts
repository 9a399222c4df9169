import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far one partition of `prediction.logged` has been read. */
@Entity('partitions')
export class Partition {
  @PrimaryColumn('integer')
  partition: number;

  /** The next offset to read. */
  @Column('bigint')
  position: string;

  @Column('boolean')
  atEnd: boolean;

  /** When `at_end` was last known to be as it is. */
  @Column('timestamptz')
  checkedAt: Date;
}
