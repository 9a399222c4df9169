import { createHash } from 'node:crypto';
import { SignatureError } from './signature-error.js';

export interface NamedDigest {
  /** Path relative to the model's folder, with `/` between its parts. */
  readonly name: string;
  /** Hex SHA-256. */
  readonly digest: string;
}

/**
 * Files in the order of their names by Unicode code points, as OpenSSF Model Signing wants them. JavaScript's own
 * order is by UTF-16 units, which differs beyond the basic plane; UTF-8 bytes compare as code points do.
 */
export function sortByName<T extends NamedDigest>(files: readonly T[]): T[] {
  return [...files].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
}

/**
 * The root digest of a model (OpenSSF Model Signing 1.0): hex SHA-256 over the raw digests of its files, sorted by
 * name. It is the subject of the model's signature.
 * @throws SignatureError `malformed` without files, or with a name twice
 */
export function rootDigest(files: readonly NamedDigest[]): string {
  if (files.length === 0) throw new SignatureError('malformed', 'a model has at least one file');
  refuseTwice(files);
  return digestInOrder(sortByName(files));
}

/** The same in the order given: that of a signed document is kept, since writers of bundles disagree on sorting. */
export function digestInOrder(files: readonly NamedDigest[]): string {
  const hash = createHash('sha256');
  for (const { digest } of files) hash.update(Buffer.from(digest, 'hex'));
  return hash.digest('hex');
}

/** @throws SignatureError `malformed` */
export function refuseTwice(files: readonly NamedDigest[]): void {
  const names = new Set<string>();
  for (const { name } of files) {
    if (names.has(name)) throw new SignatureError('malformed', `the file ${name} is listed twice`);
    names.add(name);
  }
}
