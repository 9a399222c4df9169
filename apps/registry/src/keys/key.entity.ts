import type { Role } from '@baton/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An access key without its secret. */
@Entity('access_keys')
export class KeyRow {
  @PrimaryColumn('text')
  id: string;

  /** SHA-256 of the secret. */
  @Column('text')
  hash: string;

  @Column('text')
  name: string;

  @Column('jsonb')
  roles: Role[];

  /** Null for all projects. */
  @Column('text', { nullable: true })
  project: string | null;

  /** Null for all data classes. */
  @Column('jsonb', { nullable: true })
  clearance: string[] | null;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz', { nullable: true })
  expiresAt: Date | null;

  @Column('timestamptz', { nullable: true })
  revokedAt: Date | null;
}
