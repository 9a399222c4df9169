import protobuf from 'protobufjs';
import { repositoryPath } from '../repository.js';
import { differenceOf, readRaw } from './answer-check.js';
import { GrpcConnection } from './grpc-connection.js';
import { flags, FRAME_HEAD, frame, frameTypes, literalFields, MAX_FRAME } from './http2-frames.js';
import type { Load } from './http-load.js';
import type { LoadSpec, WantedTensor } from './load-spec.js';
import type { Tally } from './tally.js';

/** A flag for compression and the length, before each message (gRPC over HTTP/2, "Length-Prefixed-Message"). */
const MESSAGE_HEAD = 5;

interface Call {
  readonly question: number;
  readonly since: number;
}

interface InferResponse {
  readonly outputs: { readonly name: string; readonly datatype: string; readonly contents?: Contents }[];
  readonly raw_output_contents: Uint8Array[];
}

interface Contents {
  readonly fp32_contents: number[];
  readonly int64_contents: (number | { toNumber(): number })[];
}

const proto = repositoryPath('libs/contracts/proto/inference/inference.proto');
const Response = new protobuf.Root().loadSync(proto, { keepCase: true }).lookupType('inference.ModelInferResponse');

/** Calls of ModelInfer, in a closed loop: as many streams at a time on each connection as the load says. */
export class GrpcLoad implements Load {
  private readonly headers: Buffer;
  private readonly frames: Buffer[];
  private readonly calls = new Map<GrpcConnection, Map<number, Call>>();
  private next = 0;
  private isStopped = false;

  constructor(
    private readonly spec: LoadSpec,
    private readonly tally: Tally,
  ) {
    this.headers = frame(frameTypes.headers, flags.endHeaders, 0, requestFields(spec));
    this.frames = spec.questions.map(({ bytes }) => Buffer.concat([this.headers, dataFrame(bytes)]));
  }

  start(): void {
    for (let count = 0; count < this.spec.connections; count += 1) this.open();
  }

  stop(): void {
    this.isStopped = true;
    for (const connection of this.calls.keys()) connection.close();
  }

  answered(connection: GrpcConnection, stream: number, data: Buffer): void {
    const calls = this.calls.get(connection);
    const call = calls?.get(stream);
    if (this.isStopped || !calls || !call) return;
    calls.delete(stream);
    if (data.length <= MESSAGE_HEAD) this.tally.fail('a call that ended without an answer');
    else {
      if (this.tally.isDue) this.tally.check(checkMessage(data, this.spec.questions[call.question]?.wanted ?? []));
      this.tally.answer(performance.now() - call.since, call.question);
    }
    this.call(connection, calls);
  }

  lost(connection: GrpcConnection, why: string): void {
    if (this.isStopped || !this.calls.delete(connection)) return;
    this.tally.fail(why);
    connection.close();
    setTimeout(() => !this.isStopped && this.open(), 10);
  }

  private open(): void {
    const connection = new GrpcConnection(this.spec.port, this);
    const calls = new Map<number, Call>();
    this.calls.set(connection, calls);
    for (let count = 0; count < (this.spec.streams ?? 1); count += 1) this.call(connection, calls);
  }

  private call(connection: GrpcConnection, calls: Map<number, Call>): void {
    const question = this.next;
    this.next = (this.next + 1) % this.frames.length;
    const since = performance.now();
    const stream = connection.call(this.frames[question] ?? Buffer.alloc(0), this.headers.length);
    calls.set(stream, { question, since });
  }
}

function requestFields({ port, authorization }: LoadSpec): Buffer {
  return literalFields({
    ':method': 'POST',
    ':scheme': 'http',
    ':path': '/inference.GRPCInferenceService/ModelInfer',
    ':authority': `127.0.0.1:${port}`,
    te: 'trailers',
    'content-type': 'application/grpc',
    ...(authorization === undefined ? {} : { authorization }),
  });
}

function dataFrame(base64: string): Buffer {
  const message = Buffer.from(base64, 'base64');
  const payload = Buffer.concat([Buffer.alloc(MESSAGE_HEAD), message]);
  payload.writeUInt32BE(message.length, 1);
  if (payload.length > MAX_FRAME - FRAME_HEAD) throw new Error('a message that is too large for one frame');
  return frame(frameTypes.data, flags.endStream, 0, payload);
}

function checkMessage(data: Buffer, wanted: readonly WantedTensor[]): string | undefined {
  try {
    const { outputs, raw_output_contents: raw } = Response.decode(
      data.subarray(MESSAGE_HEAD),
    ) as unknown as InferResponse;
    const tensors = outputs.map(({ name, datatype, contents }, index): [string, readonly unknown[]] => {
      const bytes = raw[index];
      if (bytes) return [name, readRaw(datatype, Buffer.from(bytes))];
      const typed = datatype === 'FP32' ? contents?.fp32_contents : contents?.int64_contents;
      return [name, typed?.map(Number) ?? []];
    });
    return differenceOf(wanted, new Map(tensors));
  } catch (error) {
    return `a message that cannot be read: ${String(error)}`;
  }
}
