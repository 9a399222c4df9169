import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A copy of what the deployment service said of a rollout. */
@Entity('deployments')
@Index('deployments_by_endpoint', ['endpoint'])
export class Deployment {
  @PrimaryColumn('uuid')
  deployment: string;

  @Column('text')
  endpoint: string;

  @Column('text')
  project: string;

  @Column('text')
  model: string;

  @Column('integer')
  version: number;

  @Column('text')
  digest: string;

  @Column('text')
  requestedBy: string;

  @Column('timestamptz', { nullable: true })
  requestedAt: Date | null;

  /** When it was completed. */
  @Column('timestamptz', { nullable: true })
  deployedAt: Date | null;
}
