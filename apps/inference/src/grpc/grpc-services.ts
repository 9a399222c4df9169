import { inferenceProto, modelRepositoryProto } from '@baton/contracts';
import { ServiceError } from '@baton/service';
import type {
  MethodDefinition,
  sendUnaryData,
  Server,
  ServerDuplexStream,
  ServerUnaryCall,
  ServiceDefinition,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { Injectable } from '@nestjs/common';
import { protoPath as healthProto } from 'grpc-health-check';
import { CallAccess } from './call-access.js';
import { GrpcErrors } from './grpc-errors.js';
import { headerOfMetadata } from './call-header.js';
import { inferCallOf } from './infer-call.js';
import { inferStreamCallOf } from './infer-stream.js';
import { InferCalls } from './infer-calls.js';
import { implementationOf, type GuardedName } from './method-rules.js';
import { ModelCalls } from './model-calls.js';

type Call = ServerUnaryCall<object, object>;
type Handler = (call: Call, done: sendUnaryData<object>) => void;

const INFERENCE = 'inference.GRPCInferenceService';
const REPOSITORY = 'inference.model_repository.ModelRepositoryService';
export const serviceNames = [INFERENCE, REPOSITORY] as const;

/** What Triton has besides, and why it is not here. */
const unsupported: Readonly<Record<string, string>> = {
  SystemSharedMemoryStatus: 'shared memory is not offered here: send tensors in the request',
  SystemSharedMemoryRegister: 'shared memory is not offered here: send tensors in the request',
  SystemSharedMemoryUnregister: 'shared memory is not offered here: send tensors in the request',
  CudaSharedMemoryStatus: 'shared memory is not offered here: send tensors in the request',
  CudaSharedMemoryRegister: 'shared memory is not offered here: send tensors in the request',
  CudaSharedMemoryUnregister: 'shared memory is not offered here: send tensors in the request',
  TraceSetting: 'tracing is set up by the environment of the service, not by a call',
  LogSettings: 'logging is set up by the environment of the service, not by a call',
};

/** The services, method by method. */
@Injectable()
export class GrpcServices {
  constructor(
    private readonly inferCalls: InferCalls,
    private readonly modelCalls: ModelCalls,
    private readonly access: CallAccess,
    private readonly errors: GrpcErrors,
  ) {}

  /** @throws UndeclaredMethodError for a method without a rule or a handler */
  addTo(server: Server): void {
    const definitions = loadSync([inferenceProto, modelRepositoryProto, healthProto], {
      ...{ keepCase: true, longs: String, enums: String, defaults: true, arrays: true },
    });
    const handlers = this.handlers();
    const inference = withBytes(serviceOf(definitions, INFERENCE), ['ModelInfer', 'ModelStreamInfer']);
    server.addService(inference, implementationOf(inference, handlers));
    const repository = serviceOf(definitions, REPOSITORY);
    server.addService(repository, implementationOf(repository, handlers));
    this.addUnsupported(server);
    new ReflectionService(definitions).addToServer(server);
  }

  private handlers(): UntypedServiceImplementation {
    const { open, guarded } = this.modelCalls;
    const all: UntypedServiceImplementation = {
      ModelInfer: (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) =>
        this.inferCalls.infer(inferCallOf(call, done), call.request),
      ModelStreamInfer: (call: ServerDuplexStream<Buffer, Buffer>) => this.inferCalls.stream(inferStreamCallOf(call)),
    };
    for (const [name, tell] of Object.entries(open)) all[name] = this.answering(() => tell());
    for (const [name, tell] of Object.entries(guarded)) {
      all[name] = this.answering(({ metadata, request }) => {
        return tell(request as never, this.access.letIn(headerOfMetadata(metadata), name as GuardedName));
      });
    }
    return all;
  }

  private addUnsupported(server: Server): void {
    const service = Object.keys(unsupported).map((name) => [name, bytesMethod(`/${INFERENCE}/${name}`)] as const);
    const handlers = Object.entries(unsupported).map(([name, why]): [string, Handler] => {
      return [name, this.answering(() => Promise.reject(new ServiceError('not-offered', why, { status: 501 })))];
    });
    server.addService(Object.fromEntries(service), Object.fromEntries(handlers));
  }

  private answering(tell: (call: Call) => object | Promise<object>): Handler {
    const answer = async (call: Call): Promise<object> => tell(call);
    return (call, done) => {
      answer(call).then(
        (told) => done(null, told),
        (error: unknown) => done(this.errors.statusOf(error)),
      );
    };
  }
}

function serviceOf(definitions: PackageDefinition, name: string): ServiceDefinition {
  return definitions[name] as ServiceDefinition;
}

/** The service with methods whose messages are left to their handlers: as bytes, unread. */
function withBytes(service: ServiceDefinition, names: readonly string[]): ServiceDefinition {
  const bytes = { requestDeserialize: asIs, responseSerialize: asIs };
  const ours = names.flatMap((name) => (service[name] ? [[name, { ...service[name], ...bytes }] as const] : []));
  return { ...service, ...Object.fromEntries(ours) };
}

function bytesMethod(path: string): MethodDefinition<Buffer, Buffer> {
  const both = { requestStream: false, responseStream: false };
  const bytes = {
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  return { path, ...both, ...bytes };
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}
