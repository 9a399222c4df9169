import { inferenceProto, modelRepositoryProto } from '@baton/contracts';
import {
  credentials,
  loadPackageDefinition,
  Metadata,
  type Client,
  type ClientDuplexStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath as healthProto } from 'grpc-health-check';
import { createRequire } from 'node:module';
import { join, dirname } from 'node:path';

const reflection = dirname(createRequire(import.meta.url).resolve('@grpc/reflection/package.json'));
const reflectionProto = join(reflection, 'build/proto/grpc/reflection/v1/reflection.proto');

type Method = (
  request: object,
  metadata: Metadata,
  done: (error: ServiceError | null, answer?: Record<string, unknown>) => void,
) => void;

type Service = Client & Record<string, Method>;
type Stream = ClientDuplexStream<object, Record<string, unknown>>;
type Constructor = new (
  url: string,
  channel: ReturnType<typeof credentials.createInsecure>,
  options: object,
) => Service;

const LARGE = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 };

export interface GrpcAnswer {
  /** Status code; 0 is OK. */
  readonly code: number;
  readonly message: string;
  readonly body: Record<string, unknown>;
}

export type ServiceName = 'GRPCInferenceService' | 'ModelRepositoryService' | 'Health' | 'ServerReflection';

/** A stock client of the protocol, of gRPC's health check and of its reflection. */
export class GrpcCalls {
  private readonly services: Record<ServiceName, Service>;

  constructor(url: string) {
    const loaded = loadPackageDefinition(
      loadSync([inferenceProto, modelRepositoryProto, healthProto, reflectionProto], {
        ...{ keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true },
      }),
    ) as unknown as {
      inference: {
        GRPCInferenceService: Constructor;
        model_repository: { ModelRepositoryService: Constructor };
      };
      grpc: {
        health: { v1: { Health: Constructor } };
        reflection: { v1: { ServerReflection: Constructor } };
      };
    };
    const { inference, grpc } = loaded;
    const stub = (Service: Constructor) => new Service(url, credentials.createInsecure(), LARGE);
    this.services = {
      GRPCInferenceService: stub(inference.GRPCInferenceService),
      ModelRepositoryService: stub(inference.model_repository.ModelRepositoryService),
      Health: stub(grpc.health.v1.Health),
      ServerReflection: stub(grpc.reflection.v1.ServerReflection),
    };
  }

  call(
    method: string,
    request: object,
    headers: Record<string, string> = {},
    of: ServiceName = method === 'Check' ? 'Health' : 'GRPCInferenceService',
  ): Promise<GrpcAnswer> {
    const service = this.services[of];
    return new Promise((done) => {
      service[method]?.call(service, request, metadataOf(headers), (error, body) =>
        done({ code: error?.code ?? 0, message: error?.details ?? '', body: body ?? {} }),
      );
    });
  }

  /** Sends the requests of a stream, and gives its answers and how it ended. */
  stream(
    method: string,
    requests: readonly object[],
    headers: Record<string, string> = {},
    of: ServiceName = 'GRPCInferenceService',
  ): Promise<{ code: number; answers: Record<string, unknown>[] }> {
    const service = this.services[of] as unknown as Record<string, (metadata: Metadata) => Stream>;
    const stream = service[method]?.call(service, metadataOf(headers)) as Stream;
    const answers: Record<string, unknown>[] = [];
    return new Promise((done) => {
      stream.on('data', (answer: Record<string, unknown>) => answers.push(answer));
      stream.on('error', ({ code }: ServiceError) => done({ code, answers }));
      stream.on('status', ({ code }: { code: number }) => done({ code, answers }));
      for (const request of requests) stream.write(request);
      stream.end();
    });
  }

  close(): void {
    for (const service of Object.values(this.services)) service.close();
  }
}

function metadataOf(headers: Record<string, string>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}

/** Raw contents of a tensor: little-endian, texts with a length before each. */
export function rawBytes(datatype: string, data: readonly (number | string)[]): Buffer {
  if (datatype === 'BYTES') {
    return Buffer.concat(
      data.flatMap((value) => {
        const text = Buffer.from(String(value));
        const length = Buffer.alloc(4);
        length.writeUInt32LE(text.length);
        return [length, text];
      }),
    );
  }
  if (datatype === 'FP32') return Buffer.from(Float32Array.from(data as number[]).buffer);
  if (datatype === 'INT64') return Buffer.from(BigInt64Array.from((data as number[]).map(BigInt)).buffer);
  throw new Error(`no raw ${datatype} here`);
}

export function readRaw(datatype: string, bytes: Buffer): (number | string)[] {
  const copy = Uint8Array.from(bytes).buffer;
  if (datatype === 'FP32') return Array.from(new Float32Array(copy));
  if (datatype === 'INT64') return Array.from(new BigInt64Array(copy), Number);
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32LE(at);
    texts.push(bytes.subarray(at + 4, end).toString());
    at = end;
  }
  return texts;
}
