import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ReferenceProfile } from '../drift/reference-profile.js';

/** The profile of a reference file, computed once. */
@Entity('reference_profiles')
export class Reference {
  /** SHA-256 of the file. */
  @PrimaryColumn('text')
  digest: string;

  @Column('json')
  profile: ReferenceProfile;

  @Column('timestamptz')
  computedAt: Date;
}
