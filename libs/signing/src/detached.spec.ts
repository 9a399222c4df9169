import { describe, expect, it } from 'vitest';
import { PLAN_TYPE, signDetached, verifyDetached } from './detached.js';
import { generateSigningKey, keyId, loadPrivateKey, loadPublicKey } from './keys.js';

const pair = generateSigningKey();
const publicKey = loadPublicKey(pair.publicKeyPem);
const plan = { endpoint: 'weather', revision: 3, routes: [{ model: 'rain', weight: 1 }] };
const signature = signDetached(PLAN_TYPE, plan, loadPrivateKey(pair.privateKeyPem));

const withReason = (reason: string): unknown => expect.objectContaining({ name: 'SignatureError', reason });

describe('a detached signature', () => {
  it('is verified whatever the order of the fields', () => {
    const read = JSON.parse('{"routes":[{"weight":1,"model":"rain"}],"revision":3,"endpoint":"weather"}') as object;
    expect(verifyDetached(PLAN_TYPE, read, signature, [publicKey])).toEqual({ keyId: keyId(publicKey) });
    expect(signature.keyid).toBe(keyId(publicKey));
  });

  it.each<[string, string, object]>([
    ['a changed field', PLAN_TYPE, { ...plan, revision: 4 }],
    ['a field more', PLAN_TYPE, { ...plan, extra: null }],
    ['another order of a list', PLAN_TYPE, { ...plan, routes: [...plan.routes, ...plan.routes] }],
    ['another type', 'application/json', plan],
  ])('is refused for %s', (_, type, value) => {
    expect(() => verifyDetached(type, value, signature, [publicKey])).toThrow(withReason('bad-signature'));
  });

  it('is refused when the key is not trusted', () => {
    const stranger = loadPublicKey(generateSigningKey().publicKeyPem);
    expect(() => verifyDetached(PLAN_TYPE, plan, signature, [stranger])).toThrow(withReason('unknown-key'));
  });

  it('is refused when it is missing', () => {
    expect(() => verifyDetached(PLAN_TYPE, plan, undefined, [publicKey])).toThrow(withReason('malformed'));
  });
});
