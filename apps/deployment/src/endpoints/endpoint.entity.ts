import type { EndpointPolicy, Route } from '@baton/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A name that callers predict at. Whoever changes it, its deployments or its plan locks this row first. */
@Entity('endpoints')
export class Endpoint {
  @PrimaryColumn('text')
  endpoint: string;

  @Column('text')
  project: string;

  /** False when it was deleted, or only a refusal is known of it: the row stays, since revisions never start again. */
  @Column('boolean')
  live: boolean;

  /** Counts the changes, each step of a deployment among them. */
  @Column('integer')
  revision: number;

  /** Revision of the last plan; 0 before the first. */
  @Column('integer', { name: 'plan_revision' })
  planRevision: number;

  @Column('jsonb')
  policy: EndpointPolicy;

  /** What the last plan says. */
  @Column('jsonb')
  routes: Route[];
}
