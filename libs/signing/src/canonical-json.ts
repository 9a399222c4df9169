import canonicalize from 'canonicalize';
import { SignatureError } from './signature-error.js';

/**
 * The JSON Canonicalization Scheme (RFC 8785): one text for one value, whoever writes it. Undefined fields are left
 * out, as in `JSON.stringify`.
 * @throws SignatureError `malformed` when the value has no such text: NaN, a lone surrogate, a cycle
 */
export function canonicalJson(value: unknown): string {
  let text: string | undefined;
  try {
    text = canonicalize(value);
  } catch (cause) {
    throw new SignatureError('malformed', 'the value has no canonical JSON', { cause });
  }
  if (text === undefined) throw new SignatureError('malformed', 'the value has no canonical JSON');
  return text;
}
