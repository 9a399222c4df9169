import type { RouteReport } from '@baton/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The last report of a replica. */
@Entity('replicas')
export class Replica {
  @PrimaryColumn('uuid')
  replica: string;

  /** Of the report; beyond what a JavaScript number holds it stays exact in SQL. */
  @Column('bigint')
  revision: string;

  @Column('jsonb')
  routes: RouteReport[];

  @Column('boolean')
  leaving: boolean;

  @Column('timestamptz', { name: 'last_seen' })
  lastSeen: Date;
}
