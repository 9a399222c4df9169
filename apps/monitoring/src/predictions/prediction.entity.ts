import type { TensorRecord } from '@baton/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One prediction as it was logged, and where in the log it stands. */
@Entity('predictions')
@Index('predictions_by_replica', ['replica', 'sequence'])
@Index('predictions_by_time', ['receivedAt'])
export class Prediction {
  @PrimaryColumn('uuid')
  prediction: string;

  @Column('text')
  endpoint: string;

  @Column('text')
  project: string;

  @Column('uuid')
  deployment: string;

  @Column('text')
  model: string;

  @Column('integer')
  version: number;

  @Column('text')
  digest: string;

  @Column('uuid')
  replica: string;

  @Column('bigint')
  sequence: string;

  @Column('text', { nullable: true })
  requestId: string | null;

  @Column('text')
  caller: string;

  @Column('timestamptz')
  receivedAt: Date;

  @Column('timestamptz')
  eventTime: Date;

  @Column('double precision')
  latencyMs: number;

  @Column('text')
  outcome: 'ok' | 'failed';

  @Column('text', { nullable: true })
  error: string | null;

  @Column('text', { nullable: true })
  errorCode: string | null;

  /** Nobody got this answer. */
  @Column('boolean', { default: false })
  shadow: boolean;

  @Column('integer')
  rows: number;

  @Column('json')
  inputs: TensorRecord[];

  @Column('json')
  outputs: TensorRecord[];

  @Column('integer')
  partition: number;

  @Column('bigint')
  offset: string;
}
