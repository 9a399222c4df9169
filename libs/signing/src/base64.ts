import { SignatureError } from './signature-error.js';

/**
 * Decodes base64 (RFC 4648, section 4) without leniency: one text for one sequence of bytes, so that nothing can be
 * changed in a signed document without changing what was signed.
 * @throws SignatureError `malformed`
 */
export function decodeBase64(text: string, where: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new SignatureError('malformed', `${where} is not base64`);
  return bytes;
}
