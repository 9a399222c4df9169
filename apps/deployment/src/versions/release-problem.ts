import { SignatureError, verifyRelease, type Release, type ReleaseFile } from '@baton/signing';
import type { KeyObject } from 'node:crypto';
import type { ReleasedVersion } from './version.entity.js';

/** What an approval claims to be for. */
export interface ReleaseClaim {
  readonly model: string;
  readonly version: number;
  readonly project: string;
  readonly digest: string;
}

/**
 * Why a version's release attestation doesn't stand for what came with it; undefined when it does. The files are
 * compared too: the attestation signs their digests, the event around it is signed by nobody.
 */
export function releaseProblem(
  claim: ReleaseClaim,
  { attestation, files }: Pick<ReleasedVersion, 'attestation' | 'files'>,
  registryKeys: readonly KeyObject[],
): string | undefined {
  let release: Release;
  try {
    release = verifyRelease(attestation, registryKeys, claim);
  } catch (error) {
    if (error instanceof SignatureError) return `${error.reason}: ${error.message}`;
    throw error;
  }
  if (release.project !== claim.project) return `the release is for the project ${release.project}`;
  return sameFiles(release.files, files) ? undefined : 'the release is for other files';
}

function sameFiles(attested: readonly ReleaseFile[], claimed: readonly ReleaseFile[]): boolean {
  const line = ({ name, digest, size }: ReleaseFile) => JSON.stringify([name, digest, size]);
  return attested.map(line).sort().join() === claimed.map(line).sort().join();
}
