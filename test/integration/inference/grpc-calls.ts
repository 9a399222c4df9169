import { inferenceProto } from '@baton/contracts';
import { credentials, loadPackageDefinition, Metadata, type Client, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath as healthProto } from 'grpc-health-check';

type Method = (
  request: object,
  metadata: Metadata,
  done: (error: ServiceError | null, answer?: Record<string, unknown>) => void,
) => void;

type Service = Client & Record<string, Method>;
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

/** A stock client of the protocol and of gRPC's health check. */
export class GrpcCalls {
  private readonly services: Record<'GRPCInferenceService' | 'Health', Service>;

  constructor(url: string) {
    const loaded = loadPackageDefinition(
      loadSync([inferenceProto, healthProto], { keepCase: true, longs: Number, defaults: true, oneofs: true }),
    ) as unknown as {
      inference: { GRPCInferenceService: Constructor };
      grpc: { health: { v1: { Health: Constructor } } };
    };
    const channel = credentials.createInsecure();
    this.services = {
      GRPCInferenceService: new loaded.inference.GRPCInferenceService(url, channel, LARGE),
      Health: new loaded.grpc.health.v1.Health(url, channel, LARGE),
    };
  }

  call(method: string, request: object, headers: Record<string, string> = {}): Promise<GrpcAnswer> {
    const service = method === 'Check' ? this.services.Health : this.services.GRPCInferenceService;
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    return new Promise((done) => {
      service[method]?.call(service, request, metadata, (error, body) =>
        done({ code: error?.code ?? 0, message: error?.details ?? '', body: body ?? {} }),
      );
    });
  }

  close(): void {
    for (const service of Object.values(this.services)) service.close();
  }
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
