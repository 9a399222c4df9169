import { inferenceProto } from '@baton/contracts';
import { Readiness } from '@baton/service';
import type { PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import type { Server } from '@grpc/grpc-js';
import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Transport, type GrpcOptions } from '@nestjs/microservices';
import { HealthImplementation } from 'grpc-health-check';
import { InferenceConfig } from '../config.js';

const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
const HEALTH_EVERY_MS = 1000;
const STOP_WITHIN_MS = 5000;
const SERVICES = ['', 'inference.GRPCInferenceService'];

/** What a gRPC server needs beside its methods: limits, health, reflection, and an end that comes. */
@Injectable()
export class GrpcServer implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly health = new HealthImplementation();
  private server: Server | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: InferenceConfig,
    private readonly readiness: Readiness,
  ) {}

  /** For Nest's gRPC transport. */
  options(): GrpcOptions {
    return {
      transport: Transport.GRPC,
      options: {
        package: 'inference',
        protoPath: inferenceProto,
        url: `${this.config.host}:${this.config.grpcPort}`,
        loader: { keepCase: true, longs: String, defaults: true, arrays: true, objects: true },
        maxReceiveMessageLength: MAX_MESSAGE_BYTES,
        maxSendMessageLength: MAX_MESSAGE_BYTES,
        gracefulShutdown: true,
        onLoadPackageDefinition: (definition: PackageDefinition, server: Server) => this.attach(definition, server),
      },
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => void this.look(), HEALTH_EVERY_MS);
  }

  /** Calls in flight come to their end, but a stream that nobody closes does not keep us. */
  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
    this.setHealth('NOT_SERVING');
    this.timer = setTimeout(() => this.server?.forceShutdown(), STOP_WITHIN_MS);
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
  }

  private attach(definition: PackageDefinition, server: Server): void {
    this.server = server;
    this.health.addToServer(server);
    new ReflectionService(definition).addToServer(server);
  }

  private async look(): Promise<void> {
    const missing = await this.readiness.missing();
    this.setHealth(Object.keys(missing).length === 0 ? 'SERVING' : 'NOT_SERVING');
  }

  private setHealth(status: 'SERVING' | 'NOT_SERVING'): void {
    for (const service of SERVICES) this.health.setStatus(service, status);
  }
}
