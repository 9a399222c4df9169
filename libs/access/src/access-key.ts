import { hash, randomBytes, randomInt } from 'node:crypto';
import type { AccessKey } from '@baton/contracts';

const ID_LENGTH = 16;
const ID_LETTERS = '0123456789abcdefghijklmnopqrstuvwxyz';
const SECRET_BYTES = 32;
/** `baton_<id>_<secret>`; the prefix lets secret scanners find keys that were leaked. */
const KEY_PATTERN = /^baton_([0-9a-z]{8,32})_([A-Za-z0-9_-]{43})$/;

export interface NewAccessKey {
  readonly name: string;
  readonly roles: AccessKey['roles'];
  /** Absent or null for all projects. */
  readonly project?: string | null;
  /** Data classes; absent or null for all of them, empty for none. */
  readonly clearance?: readonly string[] | null;
  /** ISO 8601; absent or null for never. */
  readonly expiresAt?: string | null;
}

/** A new key: `key` is shown to its owner once, `record` is what is kept and published. */
export function createAccessKey({ name, roles, project = null, clearance, expiresAt = null }: NewAccessKey): {
  readonly key: string;
  readonly record: AccessKey;
} {
  const id = Array.from({ length: ID_LENGTH }, () => ID_LETTERS[randomInt(ID_LETTERS.length)]).join('');
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const cleared = clearance ? { clearance: [...clearance] } : {};
  const times = { createdAt: new Date().toISOString(), expiresAt };
  const record = { id, hash: hashSecret(secret), name, roles, project, ...cleared, ...times };
  return { key: `baton_${id}_${secret}`, record };
}

/** The parts of a key; undefined when the text is none. */
export function parseAccessKey(text: string): { readonly id: string; readonly secret: string } | undefined {
  const [, id, secret] = KEY_PATTERN.exec(text) ?? [];
  return id !== undefined && secret !== undefined ? { id, secret } : undefined;
}

/**
 * Hex SHA-256 of the secret's text. Secrets are 256 random bits: a slow hash would cost every request and protect
 * nothing.
 */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'hex');
}
