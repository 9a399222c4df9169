import { ErrorMapper, ServiceError } from '@baton/service';
import { Client, credentials, Metadata, status, type ServiceError as CallError } from '@grpc/grpc-js';
import { once } from 'node:events';
import { connect, constants, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GrpcConnections } from './grpc-connections.js';
import { GrpcErrors } from './grpc-errors.js';
import type { InferCall } from './infer-call.js';
import { PlainCall } from './plain-call.js';
import { framed } from './message-reader.js';

const PATH = '/inference.GRPCInferenceService/ModelInfer';
const errors = new GrpcErrors(new ErrorMapper());
const statusOf = (error: unknown) => errors.statusOf(error);
const usual = { ':path': PATH, ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' };

let begin: (call: InferCall, message: Buffer) => void;
let port: number;
let client: Client;
let session: ClientHttp2Session;
const connections = new GrpcConnections((stream, headers) => {
  new PlainCall(stream, headers, { begin: (call, message) => begin(call, message), statusOf });
});

beforeAll(async () => {
  port = await connections.listen(0, '127.0.0.1');
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { 'grpc.max_receive_message_length': -1 });
  session = connect(`http://127.0.0.1:${port}`);
});

beforeEach(() => {
  begin = (call, message) => call.answer(message);
});

afterAll(async () => {
  client.close();
  session.close();
  await connections.close();
});

interface Ended {
  readonly error: CallError | null;
  readonly answer: Buffer | undefined;
}

function ask(message: Buffer, options: { deadline?: number } = {}, metadata = new Metadata()): Promise<Ended> {
  const asIs = (bytes: Buffer) => bytes;
  return new Promise((done) => {
    client.makeUnaryRequest(PATH, asIs, asIs, message, metadata, options, (error, answer) => done({ error, answer }));
  });
}

/** A call whose bytes are as they are given. */
async function send(headers: OutgoingHttpHeaders, pieces: readonly Buffer[]) {
  const stream = session.request({ ...usual, ...headers });
  const answered: Promise<unknown[]> = once(stream, 'response');
  for (const piece of pieces) stream.write(piece);
  stream.end();
  stream.resume();
  const [head] = (await answered) as [Record<string, string>];
  return head;
}

describe('a plain call', () => {
  it('is answered, with its metadata seen', async () => {
    const metadata = new Metadata();
    metadata.set('x-api-key', 'secret');
    let seen: string | undefined;
    begin = (call, message) => {
      seen = call.header('x-api-key');
      call.answer(Buffer.concat([message, message]));
    };
    expect((await ask(Buffer.from('ab'), {}, metadata)).answer?.toString()).toBe('abab');
    expect(seen).toBe('secret');
  });

  it.each([0, 1, 16_000, 16_384, 100_000, 5_000_000])(
    'of %s bytes comes whole, and so does its answer',
    async (size) => {
      const message = Buffer.alloc(size, 'abcdefg');
      expect((await ask(message)).answer?.equals(message)).toBe(true);
    },
  );

  it('is answered side by side with others', async () => {
    const messages = Array.from({ length: 200 }, (_, index) => Buffer.from(`message ${index}`));
    begin = (call, message) => setTimeout(() => call.answer(message), message.length % 3);
    const answers = await Promise.all(messages.map((message) => ask(message)));
    expect(answers.map(({ answer }) => String(answer))).toEqual(messages.map(String));
  });

  it('fails with a status, a text and what goes with it', async () => {
    const why = 'größe: 100 % of\nit is wrong';
    begin = (call) => {
      call.fail(statusOf(new ServiceError('busy', why, { status: 503, retriable: true, retryAfterSeconds: 2 })));
    };
    const { error } = await ask(Buffer.from('a'));
    expect([error?.code, error?.details]).toEqual([status.UNAVAILABLE, why]);
    expect(error?.metadata.get('grpc-retry-pushback-ms')).toEqual(['2000']);
  });

  it('hears of its end when its time is over, whatever becomes of it later', async () => {
    let late: InferCall | undefined;
    begin = (call) => (late = call);
    const head = await send({ 'grpc-timeout': '30m' }, [framed(Buffer.from('a'))]);
    expect(head).toMatchObject({ 'grpc-status': String(status.DEADLINE_EXCEEDED) });
    expect(() => late?.answer(Buffer.from('b'))).not.toThrow();
  });

  it('knows until when it is worth an answer', async () => {
    let deadline = 0;
    begin = (call, message) => {
      deadline = Number(call.getDeadline());
      call.answer(message);
    };
    await ask(Buffer.from('a'));
    expect(deadline).toBe(Infinity);
    const until = Date.now() + 60_000;
    await ask(Buffer.from('a'), { deadline: until });
    expect(Math.abs(deadline - until)).toBeLessThan(5000);
  });

  it('knows that nobody waits for it any more', async () => {
    const begun = new Promise<InferCall>((done) => (begin = done));
    const stream = session.request(usual);
    stream.end(framed(Buffer.from('a')));
    const call = await begun;
    expect(call.isCancelled()).toBe(false);
    stream.close(constants.NGHTTP2_CANCEL);
    await expect.poll(() => call.isCancelled()).toBe(true);
    expect(() => call.answer(Buffer.from('a'))).not.toThrow();
  });

  it.each<[string, Buffer[], status]>([
    ['without a message', [], status.UNIMPLEMENTED],
    ['with two', [framed(Buffer.from('a')), framed(Buffer.from('b'))], status.UNIMPLEMENTED],
    ['cut short', [framed(Buffer.from('abc')).subarray(0, 6)], status.INVALID_ARGUMENT],
  ])('%s is refused', async (_, pieces, code) => {
    expect(await send({}, pieces)).toMatchObject({ 'grpc-status': String(code) });
    // The connection is as good as before.
    expect(await send({}, [framed(Buffer.from('a'))])).not.toHaveProperty('grpc-status');
  });

  it('with too large a message is refused before that has come', async () => {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(2 ** 31, 1);
    const stream = session.request(usual);
    stream.write(head);
    const [answer] = (await once(stream, 'response')) as [Record<string, string>];
    expect(answer).toMatchObject({ 'grpc-status': String(status.RESOURCE_EXHAUSTED) });
    await once(stream, 'close');
    expect((await ask(Buffer.from('a'))).answer?.toString()).toBe('a');
  });

  it('with too large an answer fails', async () => {
    begin = (call) => call.answer(Buffer.alloc(64 * 1024 * 1024 + 1));
    expect((await ask(Buffer.from('a'))).error?.code).toBe(status.RESOURCE_EXHAUSTED);
  });
});
