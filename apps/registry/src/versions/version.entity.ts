import type { FileRecord, SignedEnvelope, TensorSignature, VersionStatus } from '@baton/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One set of bytes of a model, and what became of it. */
@Entity('versions')
export class Version {
  @PrimaryColumn('text')
  model: string;

  @PrimaryColumn('integer')
  version: number;

  @Column('text')
  project: string;

  @Column('text')
  status: VersionStatus;

  /** Root digest of the files (OpenSSF Model Signing). */
  @Column('text')
  digest: string;

  @Column('jsonb')
  files: FileRecord[];

  @Column('jsonb')
  inputs: TensorSignature[];

  @Column('jsonb')
  outputs: TensorSignature[];

  @Column('jsonb')
  opset: Record<string, number>;

  @Column('jsonb')
  features: string[];

  @Column('jsonb', { nullable: true })
  reference: FileRecord | null;

  /** The model signature, as it was pushed. */
  @Column('jsonb', { nullable: true })
  signature: FileRecord | null;

  @Column('jsonb', { nullable: true })
  metrics: Record<string, number> | null;

  /** Id of the key that signed the model. */
  @Column('text', { nullable: true })
  signer: string | null;

  @Column('text')
  author: string;

  /** Id of the author's access key. */
  @Column('text')
  authorKey: string;

  @Column('timestamptz')
  registeredAt: Date;

  @Column('text', { nullable: true })
  decidedBy: string | null;

  @Column('timestamptz', { nullable: true })
  decidedAt: Date | null;

  @Column('text', { nullable: true })
  reason: string | null;

  @Column('jsonb', { nullable: true })
  attestation: SignedEnvelope | null;
}
