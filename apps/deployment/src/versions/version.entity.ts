import type { Route, VersionStatus } from '@baton/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What an approval says of a version beyond its name: all that a route of a plan needs. */
export type ReleasedVersion = Pick<Route, 'attestation' | 'files' | 'inputs' | 'outputs' | 'reference' | 'features'>;

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

  @Column('text')
  status: VersionStatus;

  /** Revision of the model as of which this is known. */
  @Column('integer')
  revision: number;

  /** Null unless approved. */
  @Column('jsonb', { nullable: true })
  release: ReleasedVersion | null;
}
