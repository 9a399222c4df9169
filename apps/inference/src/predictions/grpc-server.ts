import { KeyRing, type Caller } from '@baton/access';
import { inferenceProto } from '@baton/contracts';
import { ErrorMapper, Readiness } from '@baton/service';
import { createLogger } from '@baton/telemetry';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { HealthImplementation } from 'grpc-health-check';
import { InferenceConfig } from '../config.js';
import { GrpcService } from './grpc-service.js';

const log = createLogger('grpc');
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
const STOP_WITHIN_MS = 5000;

const codes: Readonly<Record<number, grpc.status>> = {
  400: grpc.status.INVALID_ARGUMENT,
  401: grpc.status.UNAUTHENTICATED,
  403: grpc.status.PERMISSION_DENIED,
  404: grpc.status.NOT_FOUND,
  413: grpc.status.RESOURCE_EXHAUSTED,
  503: grpc.status.UNAVAILABLE,
};

type Call = grpc.ServerUnaryCall<object, unknown>;

/** The Open Inference Protocol v2 over gRPC, with health and reflection. */
@Injectable()
export class GrpcServer implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly server = new grpc.Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  });
  private bound = 0;

  constructor(
    private readonly config: InferenceConfig,
    private readonly service: GrpcService,
    private readonly keyRing: KeyRing,
    private readonly errors: ErrorMapper,
    private readonly readiness: Readiness,
  ) {}

  /** Port that it listens on. */
  get port(): number {
    return this.bound;
  }

  async onApplicationBootstrap(): Promise<void> {
    const definition = loader.loadSync(inferenceProto, {
      longs: String,
      keepCase: true,
      defaults: true,
      arrays: true,
      objects: true,
    });
    const root = grpc.loadPackageDefinition(definition) as unknown as {
      inference: { GRPCInferenceService: { service: grpc.ServiceDefinition } };
    };
    this.server.addService(root.inference.GRPCInferenceService.service, this.handlers());
    new HealthImplementation({ '': 'SERVING', 'inference.GRPCInferenceService': 'SERVING' }).addToServer(this.server);
    new ReflectionService(definition).addToServer(this.server);
    const address = `${this.config.host}:${this.config.grpcPort}`;
    this.bound = await new Promise<number>((done, failed) => {
      const credentials = grpc.ServerCredentials.createInsecure();
      this.server.bindAsync(address, credentials, (error, port) => (error ? failed(error) : done(port)));
    });
    log.info('gRPC listens', { port: this.bound });
  }

  /** Calls in flight come to their end. */
  async onModuleDestroy(): Promise<void> {
    await new Promise<void>((done) => {
      const timer = setTimeout(() => {
        this.server.forceShutdown();
        done();
      }, STOP_WITHIN_MS);
      this.server.tryShutdown(() => {
        clearTimeout(timer);
        done();
      });
    });
  }

  private handlers(): grpc.UntypedServiceImplementation {
    const open = (work: (call: Call) => unknown) => this.unary(async (call) => Promise.resolve(work(call)));
    const closed = (work: (request: never, caller: Caller) => unknown) =>
      this.unary(async (call) => Promise.resolve(work(call.request as never, this.callerOf(call))));
    return {
      ServerLive: open(() => ({ live: true })),
      ServerReady: this.unary(async () => ({ ready: Object.keys(await this.readiness.missing()).length === 0 })),
      ServerMetadata: open(() => ({ name: 'baton', version: '0.1.0', extensions: [] })),
      ModelReady: closed((request, caller) => this.service.modelReady(request, caller)),
      ModelMetadata: closed((request, caller) => this.service.modelMetadata(request, caller)),
      ModelInfer: closed((request, caller) => this.service.modelInfer(request, caller)),
    };
  }

  private callerOf(call: Call): Caller {
    const [authorization] = call.metadata.get('authorization');
    const bearer = authorization === undefined ? undefined : /^Bearer +(\S+)$/i.exec(authorization.toString())?.[1];
    return this.keyRing.authenticate(authorization === undefined ? undefined : (bearer ?? ''));
  }

  /** Every error is a status that the caller can act on. */
  private unary(work: (call: Call) => Promise<unknown>): grpc.handleUnaryCall<object, unknown> {
    return (call, answer) => {
      const run = async () => {
        try {
          answer(null, await work(call));
        } catch (error) {
          const mapped = this.errors.map(error);
          if (mapped.status >= 500 && !mapped.retriable) log.error('a call failed', { error: mapped.cause ?? mapped });
          answer({ code: codes[mapped.status] ?? grpc.status.INTERNAL, details: mapped.message });
        }
      };
      void run();
    };
  }
}
