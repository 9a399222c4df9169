import type { WindowClosed } from '@baton/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One event-time window of an endpoint. */
@Entity('windows')
@Index('windows_open', ['closesAt'], { where: 'open' })
export class Window {
  @PrimaryColumn('text')
  endpoint: string;

  @PrimaryColumn('timestamptz')
  startsAt: Date;

  @PrimaryColumn('timestamptz')
  endsAt: Date;

  @Column('text')
  project: string;

  /** End and allowed lateness. */
  @Column('timestamptz')
  closesAt: Date;

  /** Something was added since it was closed last. */
  @Column('boolean')
  open: boolean;

  @Column('timestamptz')
  touchedAt: Date;

  /** 0 until it closes for the first time. */
  @Column('integer')
  revision: number;

  @Column('timestamptz', { nullable: true })
  closedAt: Date | null;

  /** The last `window.closed`. */
  @Column('json', { nullable: true })
  result: WindowClosed | null;
}
