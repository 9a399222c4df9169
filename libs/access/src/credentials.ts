import type { Caller } from './caller.js';
import { KeyRing } from './key-ring.js';

/** HTTP headers with lower-case names, as Node gives them. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

const BEARER = /^Bearer +(\S+)$/i;

/** The challenge of a 401 (RFC 6750, section 3). */
export const CHALLENGE = 'Bearer realm="baton"';

/**
 * The key in a request's headers: `Authorization: Bearer`, or else `X-API-Key`. An `Authorization` of any other kind
 * gives an empty text, which no key is: it is refused rather than ignored.
 */
export function presentedKey(headers: RequestHeaders): string | undefined {
  const authorization = first(headers['authorization']);
  if (authorization !== undefined) return BEARER.exec(authorization)?.[1] ?? '';
  return first(headers['x-api-key']);
}

/** For routes outside Nest. @throws ServiceError `unauthenticated` (401); the answer needs `WWW-Authenticate` */
export function authenticateRequest(keyRing: KeyRing, headers: RequestHeaders): Caller {
  return keyRing.authenticate(presentedKey(headers));
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
