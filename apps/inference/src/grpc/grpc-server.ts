import { Readiness } from '@baton/service';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { HealthImplementation } from 'grpc-health-check';
import { InferenceConfig } from '../config.js';
import { within } from '../within.js';
import { GrpcServices, serviceNames } from './grpc-services.js';
import { InferCalls } from './infer-calls.js';

const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
const HEALTH_EVERY_MS = 1000;
const STOP_WITHIN_MS = 5000;

const OPTIONS = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  // A caller that is gone without a word holds nothing for longer.
  'grpc.keepalive_time_ms': 60_000,
  'grpc.keepalive_timeout_ms': 20_000,
  // Accounts of every call, which nobody reads.
  'grpc.enable_channelz': 0,
};

/** The gRPC server: it begins and ends with the application. */
@Injectable()
export class GrpcServer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly health = new HealthImplementation();
  private server: Server | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: InferenceConfig,
    private readonly readiness: Readiness,
    private readonly services: GrpcServices,
    private readonly inferCalls: InferCalls,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const server = new Server(OPTIONS);
    this.services.addTo(server);
    this.health.addToServer(server);
    await this.look();
    await bind(server, `${this.config.host}:${this.config.grpcPort}`);
    this.server = server;
    this.timer = setInterval(() => void this.look(), HEALTH_EVERY_MS);
  }

  /** Calls in flight come to their end, but one that never ends does not keep us. */
  async beforeApplicationShutdown(): Promise<void> {
    const { server } = this;
    clearInterval(this.timer);
    this.setHealth('NOT_SERVING');
    if (!server) return;
    const done = new Promise<void>((ended) => server.tryShutdown(() => ended()));
    this.inferCalls.drain();
    await within(STOP_WITHIN_MS, done);
    server.forceShutdown();
  }

  private async look(): Promise<void> {
    const missing = await this.readiness.missing();
    this.setHealth(Object.keys(missing).length === 0 ? 'SERVING' : 'NOT_SERVING');
  }

  private setHealth(status: 'SERVING' | 'NOT_SERVING'): void {
    for (const service of ['', ...serviceNames]) this.health.setStatus(service, status);
  }
}

function bind(server: Server, address: string): Promise<void> {
  return new Promise((done, failed) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) => (error ? failed(error) : done()));
  });
}
