import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A push that came with an idempotency key: repeated, it answers with the same version. */
@Entity('pushes')
export class Push {
  @PrimaryColumn('text')
  keyId: string;

  @PrimaryColumn('text')
  idempotencyKey: string;

  @Column('text')
  model: string;

  @Column('integer')
  version: number;

  /** Digests of everything that was pushed. */
  @Column('text')
  content: string;

  @Column('timestamptz')
  createdAt: Date;
}
