import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { StepName } from './rollout-status.js';

/** One step of a deployment, as it was published. */
@Entity('deployment_steps')
export class DeploymentStepRow {
  @PrimaryColumn('uuid')
  deployment: string;

  /** From 1. */
  @PrimaryColumn('integer')
  position: number;

  @Column('text')
  event: StepName;

  @Column('timestamptz')
  at: Date;

  @Column('text', { nullable: true })
  replica: string | null;

  @Column('text', { nullable: true })
  reason: string | null;
}
