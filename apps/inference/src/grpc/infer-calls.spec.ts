import { createAccessKey, Gatekeeper, KeyRing } from '@baton/access';
import { inferenceProto, type Route } from '@baton/contracts';
import { ErrorMapper, ServiceError } from '@baton/service';
import {
  credentials,
  loadPackageDefinition,
  Metadata,
  Server,
  ServerCredentials,
  status,
  type Client,
  type ClientDuplexStream,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceError as CallError,
} from '@grpc/grpc-js';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InferenceConfig } from '../config.js';
import type { DataPlane, InferenceRequest, Reply } from '../predictions/data-plane.js';
import { CallAccess } from './call-access.js';
import { GrpcConnections } from './grpc-connections.js';
import { GrpcErrors } from './grpc-errors.js';
import { inferCallOf } from './infer-call.js';
import { inferStreamCallOf } from './infer-stream.js';
import { InferCalls } from './infer-calls.js';
import { PlainCall } from './plain-call.js';
import { plainMethodOf } from './plain-form.js';
import { PlainStream } from './plain-stream.js';

const signature = { name: 'x', datatype: 'FP32' as const, shape: [-1, 1] };
const route = {
  inputs: [signature],
  outputs: [signature],
  version: 1,
  deployment: 'd',
  digest: 'f',
} as unknown as Route;

/** Gives the input back after as many milliseconds as its value says; what is negative fails. */
class EchoPlane {
  running = 0;
  most = 0;
  seen: InferenceRequest[] = [];

  begin(request: InferenceRequest, reply: Reply): void {
    this.seen.push(request);
    this.most = Math.max(this.most, ++this.running);
    const settle = (settled: () => void) => {
      this.running -= 1;
      settled();
    };
    try {
      const { inputs, id } = request.read(route);
      const [ms = 0] = inputs[0]?.data as Float32Array;
      if (ms < 0) throw new ServiceError('bad', 'x: is negative', { status: 400 });
      setTimeout(() => settle(() => reply.answered({ prediction: 'p', route, id, outputs: inputs })), ms);
    } catch (error) {
      settle(() => reply.failed(error));
    }
  }
}

interface StreamAnswer {
  readonly error_message: string;
  readonly infer_response: { readonly id: string };
}

interface Stub extends Client {
  ModelInfer(
    request: object,
    metadata: Metadata,
    options: object,
    done: (error: CallError | null, answer?: Record<string, unknown>) => void,
  ): void;
  ModelStreamInfer(metadata: Metadata): ClientDuplexStream<object, StreamAnswer>;
}

const definitions = loadSync(inferenceProto, { keepCase: true, defaults: true });
const plane = new EchoPlane();
const keys = new KeyRing();
const predictor = createAccessKey({ name: 'p', roles: ['predictor'] });
const viewer = createAccessKey({ name: 'v', roles: ['viewer'] });
const access = new CallAccess(new Gatekeeper(keys), new InferenceConfig());
const errors = new GrpcErrors(new ErrorMapper());
const calls = new InferCalls(plane as unknown as DataPlane, access, errors);
const library = new Server();
const plain = new GrpcConnections((stream, headers) => {
  const statusOf = (error: unknown) => errors.statusOf(error);
  if (plainMethodOf(headers) === 'ModelInfer') new PlainCall(stream, headers, { begin: calls.infer, statusOf });
  else calls.stream(new PlainStream(stream, headers, statusOf));
});
const stubs: Partial<Record<'library' | 'plain', Stub>> = {};
let stub: Stub;

beforeAll(async () => {
  for (const { record } of [predictor, viewer]) keys.put(record);
  const asIs = (bytes: Buffer) => bytes;
  const service = definitions['inference.GRPCInferenceService'] as ServiceDefinition;
  const ours = ['ModelInfer', 'ModelStreamInfer'].map((name) => [
    name,
    { ...service[name], requestDeserialize: asIs, responseSerialize: asIs },
  ]);
  library.addService(Object.fromEntries(ours) as ServiceDefinition, {
    ModelInfer: (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) =>
      calls.infer(inferCallOf(call, done), call.request),
    ModelStreamInfer: (call: ServerDuplexStream<Buffer, Buffer>) => calls.stream(inferStreamCallOf(call)),
  });
  const port = await new Promise<number>((done, failed) =>
    library.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? failed(error) : done(bound),
    ),
  );
  const { inference } = loadPackageDefinition(definitions) as unknown as {
    inference: { GRPCInferenceService: new (url: string, channel: unknown) => Stub };
  };
  const stubOf = (at: number) => new inference.GRPCInferenceService(`127.0.0.1:${at}`, credentials.createInsecure());
  stubs.library = stubOf(port);
  stubs.plain = stubOf(await plain.listen(0, '127.0.0.1'));
});

afterAll(async () => {
  for (const one of Object.values(stubs)) one.close();
  library.forceShutdown();
  await plain.close();
});

function metadata(key: string | undefined, more: Record<string, string> = {}): Metadata {
  const all = new Metadata();
  if (key) all.set('authorization', `Bearer ${key}`);
  for (const [name, value] of Object.entries(more)) all.set(name, value);
  return all;
}

const request = (ms: number, id = '') => ({
  model_name: 'm',
  id,
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], contents: { fp32_contents: [ms] } }],
});

const infer = (ms: number, key = predictor.key, options: object = {}, more = {}) =>
  new Promise<{ code: number; message: string; id: unknown }>((done) => {
    stub.ModelInfer(request(ms, 'r'), metadata(key, more), options, (error, answer) =>
      done({ code: error?.code ?? 0, message: error?.details ?? '', id: answer?.['id'] }),
    );
  });

/** Sends all at once; gives the answers, and how the stream ended. */
async function converse(
  sent: object[],
  key = predictor.key,
  afterwards: (stream: ClientDuplexStream<object, StreamAnswer>) => void = (s) => s.end(),
) {
  const stream = stub.ModelStreamInfer(metadata(key));
  const answers: StreamAnswer[] = [];
  const ended = new Promise<number>((done) => {
    stream.on('data', (answer: StreamAnswer) => answers.push(answer));
    stream.on('error', (error: CallError) => done(error.code));
    stream.on('status', ({ code }: { code: number }) => done(code));
  });
  for (const one of sent) stream.write(one);
  afterwards(stream);
  return { code: await ended, answers };
}

describe.each(['library', 'plain'] as const)('%s calls:', (transport) => {
  beforeAll(() => {
    stub = stubs[transport] as Stub;
  });

  describe('ModelInfer', () => {
    it('answers who may ask', async () => {
      expect(await infer(1)).toEqual({ code: 0, message: '', id: 'r' });
      const byHeader = new Promise((done) => {
        stub.ModelInfer(request(1), metadata(undefined, { 'x-api-key': predictor.key }), {}, (error) => done(error));
      });
      expect(await byHeader).toBeNull();
    });

    it('has a status for everything else', async () => {
      expect((await infer(1, viewer.key)).code).toBe(status.PERMISSION_DENIED);
      expect((await infer(1, 'nonsense')).code).toBe(status.UNAUTHENTICATED);
      expect(await infer(-1)).toMatchObject({ code: status.INVALID_ARGUMENT, message: 'x: is negative' });
    });

    it('tells the data plane until when it is worth an answer', async () => {
      await infer(1, predictor.key, { deadline: Date.now() + 5000 });
      const { deadline, since } = plane.seen.at(-1) ?? { since: 0 };
      expect((deadline ?? 0) - since).toBeGreaterThan(3000);
      expect((deadline ?? 0) - since).toBeLessThan(5001);
      await infer(1);
      expect(plane.seen.at(-1)?.deadline).toBeUndefined();
    });

    it('does not run what nobody waits for any more', async () => {
      const before = plane.seen.length;
      expect((await infer(1, predictor.key, { deadline: Date.now() - 1 })).code).toBe(status.DEADLINE_EXCEEDED);
      expect(plane.seen).toHaveLength(before);
    });
  });

  describe('ModelStreamInfer', () => {
    it('answers in order what runs side by side', async () => {
      plane.most = 0;
      const { code, answers } = await converse([60, 5, 30, 1].map((ms, index) => request(ms, `r-${index}`)));
      expect(code).toBe(status.OK);
      expect(answers.map(({ infer_response: { id } }) => id)).toEqual(['r-0', 'r-1', 'r-2', 'r-3']);
      expect(plane.most).toBe(4);
    });

    it('goes on after an error, which says whose it is', async () => {
      const { code, answers } = await converse([
        request(1, 'a'),
        request(-1, 'b'),
        { model_name: 'm' },
        request(1, 'c'),
      ]);
      expect(code).toBe(status.OK);
      expect(answers.map(({ error_message: why, infer_response: { id } }) => [why, id])).toEqual([
        ['', 'a'],
        ['x: is negative', 'b'],
        ['inputs: there are none', ''],
        ['', 'c'],
      ]);
    });

    it('holds a limited number of requests at a time, and answers all', async () => {
      plane.most = 0;
      const { answers } = await converse(Array.from({ length: 300 }, (_, index) => request(40, String(index))));
      expect(answers.map(({ infer_response: { id } }) => Number(id))).toEqual(answers.map((_, index) => index));
      expect(answers).toHaveLength(300);
      expect(plane.most).toBe(64);
    });

    it('ends for whom it lets in no more', async () => {
      expect((await converse([request(1)], viewer.key)).code).toBe(status.PERMISSION_DENIED);
      const leaving = createAccessKey({ name: 'leaving', roles: ['predictor'] });
      keys.put(leaving.record);
      const { code, answers } = await converse([request(1, 'a')], leaving.key, (stream) => {
        stream.once('data', () => {
          keys.remove(leaving.record.id);
          stream.write(request(1, 'b'));
        });
      });
      expect([code, answers.length]).toEqual([status.UNAUTHENTICATED, 1]);
    });

    it('answers what is on its way before it stops, and says that it does', async () => {
      const { code, answers } = await converse(
        [request(1, 'first'), request(80, 'second')],
        predictor.key,
        (stream) => {
          stream.once('data', () => calls.drain());
        },
      );
      expect(answers.map(({ infer_response: { id } }) => id)).toEqual(['first', 'second']);
      expect(code).toBe(status.UNAVAILABLE);
    });
  });
});
