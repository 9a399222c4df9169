import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { WindowState } from './window-state.js';

/** What one partition adds to a window for one version. */
@Entity('window_parts')
export class WindowPartRow {
  @PrimaryColumn('text')
  endpoint: string;

  @PrimaryColumn('timestamptz')
  startsAt: Date;

  @PrimaryColumn('timestamptz')
  endsAt: Date;

  @PrimaryColumn('integer')
  partition: number;

  @PrimaryColumn('text')
  model: string;

  @PrimaryColumn('integer')
  version: number;

  @Column('text')
  digest: string;

  @Column('text', { nullable: true })
  reference: string | null;

  @Column('json')
  state: WindowState;
}
