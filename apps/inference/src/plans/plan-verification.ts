import type { Route, ServingPlan } from '@baton/contracts';
import { PLAN_TYPE, rootDigest, SignatureError, verifyDetached, verifyRelease } from '@baton/signing';
import type { KeyObject } from 'node:crypto';

/** Why the plan is not the word of the deployment service; undefined when it is. */
export function planProblem(plan: ServingPlan, keys: readonly KeyObject[]): string | undefined {
  const { signature, ...signed } = plan;
  return problemOf(() => verifyDetached(PLAN_TYPE, signed, signature, keys));
}

/**
 * Why the release attestation of a route does not stand for what the route would load; undefined when it does. It is
 * asked before any byte is fetched: a plan that is signed still cannot name bytes that nobody has released.
 */
export function attestationProblem(route: Route, keys: readonly KeyObject[]): string | undefined {
  return problemOf(() => {
    const { model, version, digest, files, attestation } = route;
    const release = verifyRelease(attestation, keys, { model, version, digest });
    const line = (file: { name: string; digest: string; size: number }) =>
      [file.name, file.digest, file.size].join(' ');
    if (release.files.map(line).sort().join() !== files.map(line).sort().join()) {
      throw new SignatureError('digest-mismatch', 'the release is for other files');
    }
    if (rootDigest(files) !== digest) {
      throw new SignatureError('digest-mismatch', 'the files do not make up the digest');
    }
  });
}

function problemOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof SignatureError) return `${error.reason}: ${error.message}`;
    throw error;
  }
}
