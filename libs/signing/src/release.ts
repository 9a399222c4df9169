import type { KeyObject } from 'node:crypto';
import { signEnvelope, verifyEnvelope, type SignedEnvelopeLike } from './dsse.js';
import { toList, toObject, toText, type JsonObject } from './json-values.js';
import { SignatureError } from './signature-error.js';
import { readStatement, STATEMENT_TYPE, toDigest, writeStatement } from './statement.js';

const RELEASE_PREDICATE = 'https://baton.dev/release/v1';
const MAX_FILES = 1000;

export interface ReleaseFile {
  readonly name: string;
  /** Hex SHA-256. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/** A person's word that a version may be served, bound to its bytes. */
export interface Release {
  readonly model: string;
  readonly version: number;
  readonly project: string;
  /** Root digest of the version's files. */
  readonly digest: string;
  readonly approver: string;
  /** ISO 8601. */
  readonly approvedAt: string;
  readonly reason?: string;
  readonly files: ReleaseFile[];
}

/** Signs a release as an in-toto statement in a DSSE envelope: the attestation that replicas ask for. */
export function signRelease({ digest, ...said }: Release, privateKey: KeyObject): SignedEnvelopeLike {
  const subject = { name: `${said.model}@${said.version}`, digest };
  const statement = writeStatement({ subject, predicateType: RELEASE_PREDICATE, predicate: { ...said } });
  return signEnvelope(STATEMENT_TYPE, statement, privateKey);
}

/**
 * The release that an envelope attests, when it is for the expected version and bytes.
 * @throws SignatureError `malformed`, `unsupported`, `unknown-key`, `bad-signature`, `subject-mismatch`, `digest-mismatch`
 */
export function verifyRelease(
  envelope: unknown,
  publicKeys: readonly KeyObject[],
  expected: { readonly model: string; readonly version: number; readonly digest: string },
): Release {
  const { subject, predicate } = readStatement(verifyEnvelope(envelope, publicKeys), RELEASE_PREDICATE);
  const release = readRelease(predicate, subject.digest);
  const wanted = `${expected.model}@${expected.version}`;
  if (release.model !== expected.model || release.version !== expected.version || subject.name !== wanted) {
    throw new SignatureError(
      'subject-mismatch',
      `the release is of ${release.model}@${release.version}, not ${wanted}`,
    );
  }
  if (release.digest !== expected.digest) {
    throw new SignatureError('digest-mismatch', `the release of ${wanted} is for other bytes: ${release.digest}`);
  }
  return release;
}

function readRelease(predicate: JsonObject, digest: string): Release {
  const { version, reason } = predicate;
  return {
    model: toText(predicate['model'], 'model'),
    version: toCount(version, 'version'),
    project: toText(predicate['project'], 'project'),
    digest,
    approver: toText(predicate['approver'], 'approver'),
    approvedAt: toTime(predicate['approvedAt'], 'approvedAt'),
    ...(reason === undefined ? {} : { reason: toText(reason, 'reason', 10_000) }),
    files: toList(predicate['files'], 'files', [1, MAX_FILES]).map(readFile),
  };
}

function readFile(value: unknown): ReleaseFile {
  const { name, digest, size } = toObject(value, 'a file of the release');
  return {
    name: toText(name, 'the name of a file'),
    digest: toDigest(digest, 'the digest of a file'),
    size: toCount(size, 'the size of a file'),
  };
}

function toCount(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new SignatureError('malformed', `${where} is not a count`);
  }
  return value;
}

function toTime(value: unknown, where: string): string {
  const text = toText(value, where, 64);
  if (Number.isNaN(Date.parse(text))) throw new SignatureError('malformed', `${where} is not a time`);
  return text;
}
