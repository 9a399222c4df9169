import type { TensorSignature } from '@baton/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A copy of what the registry said of a version. `model.approved` may come before `model.registered`. */
@Entity('versions')
export class Version {
  @PrimaryColumn('text')
  model: string;

  @PrimaryColumn('integer')
  version: number;

  @Column('text')
  project: string;

  @Column('text')
  digest: string;

  @Column('json')
  inputs: TensorSignature[];

  @Column('json')
  outputs: TensorSignature[];

  @Column('json')
  features: string[];

  /** SHA-256 of the reference rows. */
  @Column('text', { nullable: true })
  reference: string | null;

  @Column('json', { nullable: true })
  metrics: Record<string, number> | null;

  @Column('text', { nullable: true })
  signer: string | null;

  @Column('text', { nullable: true })
  registeredBy: string | null;

  @Column('timestamptz', { nullable: true })
  registeredAt: Date | null;

  @Column('text', { nullable: true })
  approvedBy: string | null;

  @Column('timestamptz', { nullable: true })
  approvedAt: Date | null;

  @Column('text', { nullable: true })
  approvalReason: string | null;
}
