import { ErrorMapper } from '@baton/service';
import { status } from '@grpc/grpc-js';
import { once } from 'node:events';
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GrpcConnections } from './grpc-connections.js';
import { GrpcErrors } from './grpc-errors.js';
import { framed } from './message-reader.js';
import { PlainStream } from './plain-stream.js';

const errors = new GrpcErrors(new ErrorMapper());
const usual = { ':path': '/inference.GRPCInferenceService/ModelStreamInfer', ':method': 'POST', te: 'trailers' };

let session: ClientHttp2Session;
let current: PlainStream;
/** Gives every message back. */
const connections = new GrpcConnections((stream, headers) => {
  current = new PlainStream(stream, headers, (error) => errors.statusOf(error));
  current.on('data', (message: Buffer) => current.write(message));
  current.on('end', () => current.end());
});

beforeAll(async () => {
  session = connect(`http://127.0.0.1:${await connections.listen(0, '127.0.0.1')}`);
});

afterAll(async () => {
  session.close();
  await connections.close();
});

/** What came, and with which status it ended. */
async function ended(stream: ClientHttp2Stream) {
  let left: Record<string, string> = {};
  for (const event of ['response', 'trailers']) {
    stream.on(event, (headers: Record<string, string>) => (left = { ...left, ...headers }));
  }
  const bytes = await buffer(stream);
  return { bytes, status: Number(left['grpc-status']) };
}

const messages = ['a', 'bc', ''].map((text) => framed(Buffer.from(text)));

describe('a stream of plain calls', () => {
  it('goes both ways, however its messages are cut', async () => {
    const stream = session.request(usual);
    const end = ended(stream);
    for (const byte of Buffer.concat(messages)) stream.write(Buffer.of(byte));
    stream.end();
    expect(await end).toEqual({ bytes: Buffer.concat(messages), status: status.OK });
  });

  it('holds its messages while nobody takes them', async () => {
    const stream = session.request(usual);
    const end = ended(stream);
    stream.write(messages[0]);
    await once(stream, 'response');
    current.pause();
    stream.end(Buffer.concat(messages.slice(1)));
    await new Promise((done) => setTimeout(done, 20));
    current.resume();
    expect(await end).toEqual({ bytes: Buffer.concat(messages), status: status.OK });
  });

  it('may end without an answer', async () => {
    const stream = session.request(usual);
    stream.end();
    expect(await ended(stream)).toEqual({ bytes: Buffer.alloc(0), status: status.OK });
  });

  it('that ends in the middle of a message is told so, after its answers', async () => {
    const stream = session.request(usual);
    stream.end(Buffer.concat([...messages, Buffer.of(0, 0)]));
    expect(await ended(stream)).toEqual({ bytes: Buffer.concat(messages), status: status.INVALID_ARGUMENT });
  });

  it('with too large a message ends before that has come', async () => {
    const stream = session.request(usual);
    stream.write(Buffer.of(0, 255, 255, 255, 255));
    expect(await ended(stream)).toMatchObject({ status: status.RESOURCE_EXHAUSTED });
    stream.end();
  });

  it('ends when its time is over', async () => {
    const stream = session.request({ ...usual, 'grpc-timeout': '30m' });
    stream.write(messages[0]);
    expect(await ended(stream)).toEqual({ bytes: messages[0], status: status.DEADLINE_EXCEEDED });
    stream.end();
  });

  it('hears of a caller who goes away, and says nothing more to him', async () => {
    const stream = session.request(usual);
    stream.on('error', () => undefined);
    stream.write(messages[0]);
    await once(stream, 'response');
    const gone = once(current, 'cancelled');
    stream.destroy();
    await gone;
    expect(current.isCancelled()).toBe(true);
    expect(current.write(Buffer.from('late'))).toBe(true);
    expect(() => current.end()).not.toThrow();
  });
});
