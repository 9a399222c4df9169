import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { answersMetadata } from './kafka-answer.js';

let server: Server;
afterEach(() => new Promise((done) => server.close(done)));

async function listening(onRequest: (socket: Socket, request: Buffer) => void): Promise<number> {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (request) => onRequest(socket, request));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

/** The head of a Metadata response with so many brokers. */
function response(brokers: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeInt32BE(12, 0);
  bytes.writeInt32BE(1, 4);
  bytes.writeInt32BE(brokers, 12);
  return bytes;
}

describe('whether a broker is ready', () => {
  it.each([
    [1, true],
    [0, false],
  ])('with %i brokers in its metadata: %s', async (brokers, ready) => {
    const port = await listening((socket) => socket.write(response(brokers)));
    await expect(answersMetadata(port)).resolves.toBe(ready);
  });

  it('is seen in an answer that comes in pieces', async () => {
    const port = await listening((socket) => {
      socket.write(response(1).subarray(0, 10));
      setImmediate(() => socket.write(response(1).subarray(10)));
    });
    await expect(answersMetadata(port)).resolves.toBe(true);
  });

  it('is asked by a request of the length that it tells', async () => {
    let asked = Buffer.alloc(0);
    const port = await listening((socket, request) => {
      asked = Buffer.from(request);
      socket.end();
    });
    await expect(answersMetadata(port)).resolves.toBe(false);
    expect(asked.readInt32BE(0)).toBe(asked.length - 4);
  });

  it('is denied when nobody answers', async () => {
    const port = await listening(() => undefined);
    await expect(answersMetadata(port)).resolves.toBe(false);
  });

  it('is denied when nobody listens', async () => {
    const port = await listening(() => undefined);
    await new Promise((done) => server.close(done));
    await expect(answersMetadata(port)).resolves.toBe(false);
    await new Promise<void>((done) => server.listen(0, done));
  });
});
