import type { ServingPlan } from '@baton/contracts';
import { PLAN_TYPE, signDetached } from '@baton/signing';
import type { KeyObject } from 'node:crypto';
import type { Endpoint } from '../endpoints/endpoint.entity.js';

/** What every replica must serve for an endpoint, signed. */
export function signedPlan(endpoint: Endpoint, issuedAt: Date, key: KeyObject): ServingPlan {
  const { endpoint: name, project, revision, routes, policy } = endpoint;
  const said = { endpoint: name, project, revision, routes, policy, issuedAt: issuedAt.toISOString() };
  // What is signed is what will be read from JSON: fields that are undefined here are not there.
  const plan = JSON.parse(JSON.stringify(said)) as Omit<ServingPlan, 'signature'>;
  return { ...plan, signature: signDetached(PLAN_TYPE, plan, key) };
}
