import type { Route } from '@baton/contracts';
import { rootDigest, SignatureError, verifyRelease } from '@baton/signing';
import type { KeyObject } from 'node:crypto';

/**
 * Why the release attestation of a route does not stand for what the route would load; undefined when it does. It is
 * asked before any byte is fetched: a plan that is signed still cannot name bytes that nobody has released.
 */
export function attestationProblem(route: Route, keys: readonly KeyObject[]): string | undefined {
  try {
    const { model, version, digest, files, attestation } = route;
    const release = verifyRelease(attestation, keys, { model, version, digest });
    if (release.files.map(line).sort().join() !== files.map(line).sort().join())
      return 'the release is for other files';
    return rootDigest(files) === digest ? undefined : 'the files do not make up the digest';
  } catch (error) {
    if (error instanceof SignatureError) return `${error.reason}: ${error.message}`;
    throw error;
  }
}

function line({ name, digest, size }: { name: string; digest: string; size: number }): string {
  return JSON.stringify([name, digest, size]);
}
