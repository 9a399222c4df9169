import type { Dice } from '../dice.js';
import type { RawCase } from '../fuzz-case.js';
import { mutateBytes } from '../mutations/mutate-bytes.js';
import { renderRequest, type HttpRequest } from './http-request.js';

const MAX_CUTS = 12;

/** What HTTP is made of, and what its readers stumble over. */
const words = [
  ...['\r\n', '\n', '\r', '\r\n\r\n', '\0', ' ', '\t', ':', ': ', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'GET ', 'POST '],
  ...['Transfer-Encoding: chunked\r\n', 'transfer-encoding: identity, chunked\r\n', 'transfer-encoding: xchunked\r\n'],
  ...['Content-Length: 0\r\n', 'content-length: 5\r\n', 'content-length: -1\r\n', 'content-length: 99999999999999\r\n'],
  ...[
    'connection: close\r\n',
    'connection: upgrade\r\nupgrade: websocket\r\n',
    'upgrade: h2c\r\n',
    'expect: 100-continue\r\n',
  ],
  ...[
    'expect: x\r\n',
    'content-encoding: gzip\r\n',
    'inference-header-content-length: 10\r\n',
    'host: a\r\n',
    'x: \xff\r\n',
  ],
  ...['0\r\n\r\n', '5\r\nhello\r\n', 'ffffffffffffffff\r\n', '-1\r\n', '1;a=b\r\n', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
];

type Shape = (request: HttpRequest, dice: Dice) => Buffer;

const shapes: readonly (readonly [share: number, shape: Shape])[] = [
  [4, (request, dice) => mutateBytes(renderRequest(request), dice, words)],
  [3, mutatedHead],
  [2, chunked],
  [2, lyingLength],
  [1, hugeHead],
  [1, (request, dice) => renderRequest(request).subarray(0, dice.below(renderRequest(request).length))],
  [1, renderRequest],
];

/**
 * Bytes that may be HTTP: heads and lengths that lie, chunks, several requests at once, cut anywhere.
 * @param next makes another request
 */
export function rawHttp(next: () => HttpRequest, dice: Dice): RawCase {
  const count = dice.weighted([
    [6, 1],
    [2, 2],
    [1, 2 + dice.below(20)],
  ]);
  const requests = Array.from({ length: count }, () => dice.weighted(shapes)(next(), dice));
  const bytes = Buffer.concat(requests);
  return { kind: 'raw', label: `raw ×${count}`, bytes, cuts: cutsOf(bytes.length, dice) };
}

/** Where the bytes are cut into pieces, in order. */
export function cutsOf(length: number, dice: Dice): number[] {
  const count = dice.chance(0.4) ? 0 : 1 + dice.small(MAX_CUTS);
  return Array.from({ length: count }, () => dice.below(length + 1)).toSorted((a, b) => a - b);
}

function mutatedHead(request: HttpRequest, dice: Dice): Buffer {
  const whole = renderRequest(request);
  const end = whole.indexOf('\r\n\r\n') + 4;
  return Buffer.concat([mutateBytes(whole.subarray(0, end), dice, words), whole.subarray(end)]);
}

function chunked(request: HttpRequest, dice: Dice): Buffer {
  const { method, path, headers, body } = request;
  const head = [`${method} ${path} HTTP/1.1`, 'host: a', ...headers.map(([name, value]) => `${name}: ${value}`)];
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const size = 1 + dice.small(Math.min(4096, body.length));
    const piece = body.subarray(at, at + size);
    const said = dice.chance(0.98)
      ? piece.length.toString(16)
      : dice.pick(['', '0', 'g', '-1', 'fffffff', '0x5', '5 ']);
    const extension = dice.chance(0.95) ? '' : dice.pick([';a', ';a=b', ';"', `;${'x'.repeat(5000)}`]);
    chunks.push(Buffer.from(`${said}${extension}\r\n`), piece, Buffer.from('\r\n'));
    at += size;
  }
  const trailer = dice.chance(0.8)
    ? ''
    : dice.pick(['x: y\r\n', 'content-length: 3\r\n', `a: ${'b'.repeat(20_000)}\r\n`]);
  const end = dice.chance(0.9) ? `0\r\n${trailer}\r\n` : '';
  const start = Buffer.from(`${head.join('\r\n')}\r\ntransfer-encoding: chunked\r\n\r\n`, 'latin1');
  return Buffer.concat([start, ...chunks, Buffer.from(end)]);
}

function lyingLength(request: HttpRequest, dice: Dice): Buffer {
  const { length } = request.body;
  const said = dice.pick([
    0,
    1,
    length - 1,
    length + 1,
    length * 2,
    16_777_216,
    16_777_217,
    2 ** 31,
    2 ** 53,
    '1e3',
    '٣',
  ]);
  const text = renderRequest(request).toString('latin1');
  const other = Buffer.from(String(said)).toString('latin1');
  return Buffer.from(text.replace(/content-length: \d+/, `content-length: ${other}`), 'latin1');
}

function hugeHead(request: HttpRequest, dice: Dice): Buffer {
  const many = dice.chance(0.5) ? [[dice.pick(['x', 'cookie', 'authorization']), 'y'.repeat(dice.below(40_000))]] : [];
  const few = many.length > 0 ? many : Array.from({ length: dice.below(3000) }, (_, index) => [`h${index}`, 'v']);
  const path = dice.chance(0.2) ? `${request.path}?${'q'.repeat(dice.below(20_000))}` : request.path;
  const headers = [...request.headers, ...(few as [string, string][])];
  return renderRequest({ ...request, path, headers });
}
