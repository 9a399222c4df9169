import { Readiness } from '@baton/service';
import type { StatusObject } from '@grpc/grpc-js';
import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { HealthImplementation } from 'grpc-health-check';
import { InferenceConfig } from '../config.js';
import { GrpcConnections } from './grpc-connections.js';
import { GrpcErrors } from './grpc-errors.js';
import { GrpcLibrary } from './grpc-library.js';
import { GrpcServices, serviceNames } from './grpc-services.js';
import { InferCalls } from './infer-calls.js';
import { PlainCall, type PlainCallParts } from './plain-call.js';
import { plainMethodOf } from './plain-form.js';
import { PlainStream } from './plain-stream.js';

const HEALTH_EVERY_MS = 1000;

/** The gRPC server: it begins and ends with the application. */
@Injectable()
export class GrpcServer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly health = new HealthImplementation();
  private readonly library = new GrpcLibrary();
  private readonly connections: GrpcConnections;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: InferenceConfig,
    private readonly readiness: Readiness,
    private readonly services: GrpcServices,
    private readonly inferCalls: InferCalls,
    errors: GrpcErrors,
  ) {
    const statusOf = (error: unknown): StatusObject => errors.statusOf(error);
    const parts: PlainCallParts = { begin: inferCalls.infer, statusOf };
    this.connections = new GrpcConnections((stream, headers) => {
      const method = plainMethodOf(headers);
      if (method === 'ModelInfer') new PlainCall(stream, headers, parts);
      else if (method === 'ModelStreamInfer') inferCalls.stream(new PlainStream(stream, headers, statusOf));
      else this.library.take(stream, headers);
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    this.services.addTo(this.library.server);
    this.health.addToServer(this.library.server);
    await this.look();
    await this.connections.listen(this.config.grpcPort, this.config.host);
    this.timer = setInterval(() => void this.look(), HEALTH_EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.setHealth('NOT_SERVING');
    this.inferCalls.drain();
    await this.connections.close();
    this.library.close();
  }

  private async look(): Promise<void> {
    const missing = await this.readiness.missing();
    this.setHealth(Object.keys(missing).length === 0 ? 'SERVING' : 'NOT_SERVING');
  }

  private setHealth(status: 'SERVING' | 'NOT_SERVING'): void {
    for (const service of ['', ...serviceNames]) this.health.setStatus(service, status);
  }
}
