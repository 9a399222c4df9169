import type { Route } from '@baton/contracts';
import { generateSigningKey, loadPrivateKey, loadPublicKey, PLAN_TYPE, verifyDetached } from '@baton/signing';
import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../endpoints/endpoint-policy.js';
import { signedPlan } from './serving-plan.js';

const pair = generateSigningKey();
const route = { deployment: 'd', reference: undefined } as Route;
const endpoint = {
  endpoint: 'weather',
  project: 'default',
  live: true,
  revision: 7,
  planRevision: 5,
  policy: defaultPolicy,
  routes: [route],
};

describe('signedPlan', () => {
  const plan = signedPlan(endpoint, new Date('2026-01-01T00:00:00Z'), loadPrivateKey(pair.privateKeyPem));
  const received = JSON.parse(JSON.stringify(plan)) as typeof plan;

  it('says what is to be served, under the revision of the change', () => {
    expect(plan).toMatchObject({
      endpoint: 'weather',
      revision: 7,
      policy: defaultPolicy,
      routes: [{ deployment: 'd' }],
    });
  });

  it('is verified as it is received, without its signature', () => {
    const { signature, ...said } = received;

    expect(() => verifyDetached(PLAN_TYPE, said, signature, [loadPublicKey(pair.publicKeyPem)])).not.toThrow();
  });

  it('is not verified when anything was changed', () => {
    const { signature, ...said } = { ...received, revision: 8 };

    expect(() => verifyDetached(PLAN_TYPE, said, signature, [loadPublicKey(pair.publicKeyPem)])).toThrow();
  });
});
