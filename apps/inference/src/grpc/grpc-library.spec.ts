import {
  Client,
  credentials,
  Metadata,
  status,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceError as CallError,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GrpcConnections } from './grpc-connections.js';
import { GrpcLibrary } from './grpc-library.js';

const asIs = (bytes: Buffer) => bytes;
const bytesMethod = (path: string, isStream: boolean) => ({
  path,
  ...{ requestStream: isStream, responseStream: isStream },
  ...{ requestSerialize: asIs, requestDeserialize: asIs, responseSerialize: asIs, responseDeserialize: asIs },
});

const library = new GrpcLibrary();
const connections = new GrpcConnections((stream, headers) => {
  // Node sends no such header, so that it has to come in here.
  const forbidden = headers['forbidden'] === undefined ? {} : { 'http2-settings': 'a' };
  library.take(stream, { ...headers, ...forbidden });
  if (headers['gone'] !== undefined)
    afterTurns(Math.floor(Number(headers['gone']) / 2), () => stream.closed || stream.destroy());
});

function afterTurns(turns: number, what: () => void): void {
  if (turns === 0) what();
  else setImmediate(() => afterTurns(turns - 1, what));
}
const seen: { metadata?: Metadata; cancelled: number } = { cancelled: 0 };
let client: Client;
let port: number;

beforeAll(async () => {
  const service = { one: bytesMethod('/test/one', false), many: bytesMethod('/test/many', true) };
  library.server.addService(service, {
    one: (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
      seen.metadata = call.metadata;
      if (call.request.toString() === 'bad') return done({ code: status.NOT_FOUND, details: 'größe, 5 %' });
      const trailers = new Metadata();
      trailers.set('left', 'behind');
      done(null, call.request, trailers);
    },
    many: (call: ServerDuplexStream<Buffer, Buffer>) => {
      call.on('data', (message: Buffer) => call.write(message));
      call.on('end', () => call.end());
      call.on('cancelled', () => (seen.cancelled += 1));
    },
  });
  port = await connections.listen(0, '127.0.0.1');
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { 'grpc.max_receive_message_length': -1 });
});

afterAll(async () => {
  client.close();
  await connections.close();
  library.close();
});

function one(message: string | Buffer, metadata = new Metadata(), options: object = {}) {
  return new Promise<{ error: CallError | null; answer: string; left: unknown[] }>((done) => {
    let [error, answer]: [CallError | null, string] = [null, ''];
    const call = client.makeUnaryRequest('/test/one', asIs, asIs, Buffer.from(message), metadata, options, (e, a) => {
      [error, answer] = [e, a?.toString() ?? ''];
    });
    call.on('status', (ended: { metadata: Metadata }) => done({ error, answer, left: ended.metadata.get('left') }));
  });
}

describe("the calls of gRPC's library", () => {
  it('are answered, with what goes before and after', async () => {
    const metadata = new Metadata();
    metadata.set('x-api-key', 'secret');
    metadata.set('bytes-bin', Buffer.from([0, 255, 1]));
    expect(await one('hello', metadata)).toEqual({ error: null, answer: 'hello', left: ['behind'] });
    expect(seen.metadata?.get('x-api-key')).toEqual(['secret']);
    expect(seen.metadata?.get('bytes-bin')).toEqual([Buffer.from([0, 255, 1])]);
  });

  it('are answered a thousand at a time', async () => {
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, index) => one(`message ${index}`)));
    expect(answers.every(({ error, left }) => error === null && left.length === 1)).toBe(true);
    expect(answers.map(({ answer }) => answer)).toEqual(answers.map((_, index) => `message ${index}`));
  });

  it('have their status and its text', async () => {
    expect((await one('bad')).error).toMatchObject({ code: status.NOT_FOUND, details: 'größe, 5 %' });
  });

  it('may be large', async () => {
    const large = 'x'.repeat(3_000_000);
    expect((await one(large)).answer).toBe(large);
  });

  it('of methods that there are not are told so', async () => {
    const call = new Promise<CallError | null>((done) => {
      client.makeUnaryRequest('/test/none', asIs, asIs, Buffer.alloc(0), (error) => done(error));
    });
    expect(await call).toMatchObject({ code: status.UNIMPLEMENTED });
  });

  it('go both ways at once', async () => {
    const call = client.makeBidiStreamRequest('/test/many', asIs, asIs);
    for (let index = 0; index < 5; index += 1) {
      call.write(Buffer.from(`message ${index}`));
      expect(String((await once(call, 'data'))[0])).toBe(`message ${index}`);
    }
    const ended = once(call, 'status');
    call.end();
    call.resume();
    expect(((await ended)[0] as { code: number }).code).toBe(status.OK);
  });

  it('hear of callers that go away', async () => {
    const before = seen.cancelled;
    const call = client.makeBidiStreamRequest('/test/many', asIs, asIs);
    call.on('error', () => undefined);
    call.write(Buffer.from('a'));
    await once(call, 'data');
    call.cancel();
    await expect.poll(() => seen.cancelled).toBe(before + 1);
  });

  it.each([
    ['of another type', { 'content-type': 'text/plain' }, { ':status': 415 }],
    ['of an unknown method', { ':path': '/test/nöne%' }, { 'grpc-status': String(status.UNIMPLEMENTED) }],
  ])('do not get what is %s', async (_, wrong, answer) => {
    const session = connect(`http://127.0.0.1:${port}`);
    const usual = { ':path': '/test/one', ':method': 'POST', 'content-type': 'application/grpc' };
    const stream = session.request({ ...usual, ...wrong });
    stream.resume();
    expect((await once(stream, 'response'))[0]).toMatchObject(answer);
    session.close();
  });

  it.each([
    ['of another type', { 'content-type': 'text/plain' }],
    ['of an unknown method', { ':path': '/test/none' }],
    ['as they should be', {}],
  ])('may be taken back at any time, when they are %s', async (_, wrong) => {
    const session = connect(`http://127.0.0.1:${port}`);
    const usual = { ':path': '/test/one', ':method': 'POST', 'content-type': 'application/grpc' };
    for (let gone = 0; gone < 16; gone += 1) {
      const stream = session.request({ ...usual, ...wrong, gone }, { endStream: gone % 2 === 0 });
      stream.on('error', () => undefined);
      stream.resume();
      await new Promise((closed) => stream.on('close', closed));
    }
    expect(await one('hello')).toMatchObject({ answer: 'hello' });
    session.close();
  });

  it('do not get what may not be sent on, and the connection is as good as before', async () => {
    const session = connect(`http://127.0.0.1:${port}`);
    const usual = { ':path': '/test/one', ':method': 'POST', 'content-type': 'application/grpc' };
    const stream = session.request({ ...usual, forbidden: 'yes' });
    stream.on('error', () => undefined);
    stream.resume();
    await new Promise((closed) => stream.on('close', closed));
    const after = session.request(usual);
    after.resume();
    const [head] = (await once(after.end(), 'response')) as [Record<string, number>];
    expect(head[':status']).toBe(200);
    session.close();
  });
});
