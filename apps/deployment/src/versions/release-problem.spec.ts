import { generateSigningKey, loadPrivateKey, loadPublicKey, signRelease } from '@baton/signing';
import { describe, expect, it } from 'vitest';
import { releaseProblem } from './release-problem.js';

const registry = generateSigningKey();
const stranger = generateSigningKey();
const trusted = [loadPublicKey(registry.publicKeyPem)];
const claim = { model: 'm', version: 2, project: 'default', digest: 'a'.repeat(64) };
const files = [{ name: 'model.onnx', digest: 'b'.repeat(64), size: 10 }];

function attestation(pem = registry.privateKeyPem) {
  const release = { ...claim, approver: 'ann', approvedAt: '2026-01-01T00:00:00Z', files };
  return signRelease(release, loadPrivateKey(pem)) as never;
}

describe('releaseProblem', () => {
  it('finds nothing when the registry attests just this', () => {
    expect(releaseProblem(claim, { attestation: attestation(), files }, trusted)).toBeUndefined();
  });

  it.each([
    ['another version', { ...claim, version: 3 }, files, /^subject-mismatch/],
    ['other bytes', { ...claim, digest: 'c'.repeat(64) }, files, /^digest-mismatch/],
    ['another project', { ...claim, project: 'other' }, files, /project/],
    ['a file of another size', claim, [{ name: 'model.onnx', digest: 'b'.repeat(64), size: 11 }], /files/],
    ['one more file', claim, [...files, { name: 'more', digest: 'd'.repeat(64), size: 1 }], /files/],
  ])('finds %s', (_what, said, saidFiles, problem) => {
    expect(releaseProblem(said, { attestation: attestation(), files: saidFiles }, trusted)).toMatch(problem);
  });

  it("finds a stranger's signature", () => {
    const foreign = { attestation: attestation(stranger.privateKeyPem), files };

    expect(releaseProblem(claim, foreign, trusted)).toMatch(/^unknown-key/);
  });
});
