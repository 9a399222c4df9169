import { ServiceError } from '@baton/service';
import { promisify } from 'node:util';
import { constants, deflate, gunzip, gzip, inflate, inflateRaw, type ZlibOptions } from 'node:zlib';
import { invalidField, unsupportedEncoding } from './requests.errors.js';

export type Encoding = 'gzip' | 'deflate';

/** From here on a body is worth the work. */
const WORTH_BYTES = 1024;
/** Answers are mostly digits: more work makes them hardly smaller. */
const FAST = { level: constants.Z_BEST_SPEED };
const unzip = promisify<Buffer, ZlibOptions, Buffer>(gunzip);
const unwrap = promisify<Buffer, ZlibOptions, Buffer>(inflate);
const unwrapRaw = promisify<Buffer, ZlibOptions, Buffer>(inflateRaw);
const zip = promisify<Buffer, ZlibOptions, Buffer>(gzip);
const wrap = promisify<Buffer, ZlibOptions, Buffer>(deflate);

/**
 * A body as it was before it was compressed.
 * @param encoding the header `content-encoding`
 * @param limit bytes; decoding stops there, however much more there would be
 * @throws ServiceError 400 for broken bytes, 413 beyond the limit, 415 for another encoding
 */
export async function decompress(body: Buffer, encoding: string | undefined, limit: number): Promise<Buffer> {
  const name = (encoding ?? 'identity').trim().toLowerCase();
  if (name === 'identity' || name === '') return body;
  if (!isEncoding(name)) throw unsupportedEncoding(name);
  try {
    return await decode(body, name, limit);
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(limit, error);
    throw invalidField('body', `is not ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The encoding that a caller likes best of ours; undefined when it had rather have the bytes as they are. */
export function chooseEncoding(acceptEncoding: string | undefined): Encoding | undefined {
  if (!acceptEncoding) return undefined;
  const liking = new Map(acceptEncoding.split(',').map(readLiking));
  const any = liking.get('*') ?? 0;
  const gzipped = liking.get('gzip') ?? liking.get('x-gzip') ?? any;
  const deflated = liking.get('deflate') ?? any;
  const best = Math.max(gzipped, deflated);
  if (!(best > 0) || best < (liking.get('identity') ?? 0)) return undefined;
  return gzipped === best ? 'gzip' : 'deflate';
}

/** An answer compressed; undefined when it is too small for that. */
export async function compress(body: Buffer, encoding: Encoding | undefined): Promise<Buffer | undefined> {
  if (encoding === undefined || body.length < WORTH_BYTES) return undefined;
  return encoding === 'gzip' ? zip(body, FAST) : wrap(body, FAST);
}

function decode(body: Buffer, encoding: Encoding | 'x-gzip', maxOutputLength: number): Promise<Buffer> {
  if (encoding !== 'deflate') return unzip(body, { maxOutputLength });
  // The standard's deflate is zlib's format; some send the bare stream all the same.
  return isZlib(body) ? unwrap(body, { maxOutputLength }) : unwrapRaw(body, { maxOutputLength });
}

function isEncoding(name: string): name is Encoding | 'x-gzip' {
  return name === 'gzip' || name === 'x-gzip' || name === 'deflate';
}

function isZlib(body: Buffer): boolean {
  const [method = 0, flags = 0] = body;
  return (method & 0x0f) === 8 && (method * 256 + flags) % 31 === 0;
}

/** `gzip;q=0.5`, and 1 where nothing is said. */
function readLiking(part: string): [string, number] {
  const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
  const quality = parameters.find((text) => text.startsWith('q='));
  return [name, quality === undefined ? 1 : Number(quality.slice(2)) || 0];
}

function tooLarge(limit: number, cause: unknown): ServiceError {
  return new ServiceError('too-large', `the body is larger than ${limit} bytes when it is decompressed`, {
    status: 413,
    cause,
  });
}
