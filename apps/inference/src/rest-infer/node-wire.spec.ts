import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NodeWire } from './node-wire.js';

const LIMIT = 1000;
const LARGE = 30_000_000;

let server: Server;

beforeEach(async () => {
  server = createServer((request, response) => {
    const wire = new NodeWire(request, response);
    wire.collect(LIMIT, (body, isTooLarge) => {
      wire.answer(isTooLarge ? 413 : 200, ['a', 'b'], isTooLarge ? 'too large' : `${body?.length ?? 0} bytes`);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function ask(head: string, body: Buffer): Promise<string> {
  return new Promise((done, failed) => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('end', () => done(text));
    socket.on('error', failed);
    socket.write(`POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${head}\r\n`);
    socket.write(body);
  });
}

describe('a request that Node has read', () => {
  it('is answered', async () => {
    const text = await ask('content-length: 5\r\n', Buffer.from('12345'));
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\na: b\r\n[^]*content-length: 7\r\n[^]*\r\n\r\n5 bytes$/);
  });

  it.each([
    ['says so', `content-length: ${LARGE}\r\n`, Buffer.alloc(LARGE)],
    [
      'does not',
      'transfer-encoding: chunked\r\n',
      Buffer.concat([Buffer.from(`${LARGE.toString(16)}\r\n`), Buffer.alloc(LARGE), Buffer.from('\r\n0\r\n\r\n')]),
    ],
  ])('and is too large hears of it, whole, also who %s', async (_what, head, body) => {
    expect(await ask(head, body)).toMatch(/^HTTP\/1\.1 413 [^]*too large$/);
  });

  it('and never ends hears of it too', { timeout: 10_000 }, async () => {
    const text = await ask('content-length: 2000\r\n', Buffer.alloc(1500));
    expect(text).toMatch(/^HTTP\/1\.1 413 [^]*connection: close\r\n[^]*too large$/);
  });
});
