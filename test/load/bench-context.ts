import type { BenchOptions } from './bench-options.js';
import type { LoadSpec } from './generators/load-spec.js';
import { compare, unstolen, type Comparison, type Trial } from './measure/compare.js';
import { runLoad } from './measure/run-load.js';
import type { BenchModel } from './models/bench-model.js';
import { grpcQuestions, httpQuestions, type Asking } from './models/questions.js';
import { BenchPlatform, type BenchSpace } from './servers/bench-platform.js';
import { BenchReplica } from './servers/bench-replica.js';
import type { Contender, Server } from './servers/server.js';
import { startTraceSink, type TraceSink } from './servers/trace-sink.js';

/** Prime, so that every question has its turn to be checked. */
const CHECK_EVERY = 61;

export interface LoadOptions extends Asking {
  readonly connections: number;
  /** Calls at a time on each connection; makes it gRPC. */
  readonly streams?: number;
  readonly rate?: number;
  readonly deadlineMs?: number;
  /** Default: that of every measurement. */
  readonly seconds?: number;
}

/** What the cases share: the platform around the replicas, and how things are measured. */
export class BenchContext {
  private platform: BenchPlatform | undefined;
  private sink: TraceSink | undefined;
  private readonly made = new Map<string, Promise<unknown>>();

  constructor(
    readonly options: BenchOptions,
    readonly say: (line: string) => void,
  ) {}

  /** Makes it at the first call. */
  once<T>(name: string, make: () => Promise<T>): Promise<T> {
    const known = this.made.get(name) as Promise<T> | undefined;
    const value = known ?? make();
    this.made.set(name, value);
    return value;
  }

  async space(): Promise<BenchSpace> {
    this.platform ??= await BenchPlatform.start();
    return this.platform.space();
  }

  replica(name: string, space: BenchSpace, endpoints: readonly string[], env: Record<string, string> = {}) {
    if (!this.platform) throw new Error('a replica needs a space');
    return new BenchReplica(name, { platform: this.platform, space, main: this.options.replica, endpoints, env });
  }

  /** Variables that send traces, of which the given share is kept. */
  async tracing(share: number): Promise<Record<string, string>> {
    this.sink ??= await startTraceSink();
    return { OTEL_EXPORTER_OTLP_ENDPOINT: this.sink.url, OTEL_TRACES_SAMPLER_ARG: String(share) };
  }

  /** A load on an endpoint, or on a peer's model. */
  load(server: Server, model: BenchModel, options: LoadOptions): LoadSpec {
    const { connections, streams, rate, deadlineMs, seconds = this.options.seconds, ...asking } = options;
    const isGrpc = streams !== undefined;
    const { warmupSeconds } = this.options;
    return {
      protocol: isGrpc ? 'grpc' : 'http',
      port: isGrpc ? server.grpcPort : server.port,
      ...{ connections, warmupSeconds, seconds, pids: server.pids, checkEvery: CHECK_EVERY },
      ...(isGrpc ? { streams } : {}),
      ...(asking.authorization === undefined ? {} : { authorization: asking.authorization }),
      ...(rate === undefined ? {} : { rate }),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      questions: isGrpc ? grpcQuestions(model, asking) : httpQuestions(model, asking),
    };
  }

  compare(trials: readonly Trial[]): Promise<Comparison> {
    const { rounds, starts, heatSeconds, repeats } = this.options;
    const onStarted = () => this.platform?.freeze();
    return compare(trials, { rounds, starts, heatSeconds, repeats, say: this.say, onStarted, runLoad });
  }

  /** Starts a server as often as the method wants it, and measures each of them so many times. */
  async rounds<R>(
    contender: Contender,
    heat: (server: Server) => Promise<unknown>,
    round: (server: Server) => Promise<R>,
  ): Promise<R[]> {
    const { rounds, starts, repeats } = this.options;
    const measured: R[] = [];
    for (let start = 0; start < starts; start += 1) {
      await this.serving(contender, async (server) => {
        this.freeze();
        await heat(server);
        for (let count = 0; count < Math.ceil(rounds / starts); count += 1) {
          measured.push(await unstolen(() => round(server), { repeats, say: this.say }));
        }
      });
    }
    return measured;
  }

  /** @throws Error with what the server said, when something goes wrong while it runs */
  async serving<T>(contender: Contender, use: (server: Server) => Promise<T>): Promise<T> {
    const server = await contender.start();
    try {
      return await use(server);
    } catch (error) {
      throw new Error(`${String(error)}\n${server.said()}`, { cause: error });
    } finally {
      await server.stop();
    }
  }

  /** Kafka stands still from now on, until the next replica starts. */
  freeze(): void {
    this.platform?.freeze();
  }

  async stop(): Promise<void> {
    await this.sink?.stop();
    await this.platform?.stop();
  }
}

/** How predictions are recorded: as an endpoint's policy says, or not at all. */
export const recordings = ['off', 'write', 'sync'] as const;
export type Recording = (typeof recordings)[number];

/** Variables that leave out what costs time. */
export const noRecord = { PREDICTION_LOG: 'off' };
export const noAccessCheck = { ACCESS_CHECK: 'off' };

/** Endpoints of a model, one for each way to record its predictions; `off` needs a replica with `noRecord`. */
export async function deployAs(space: BenchSpace, model: BenchModel): Promise<Record<Recording, string>> {
  for (const mode of ['write', 'sync'] as const) await space.deploy(`${model.name}-${mode}`, model, mode);
  return { off: `${model.name}-write`, write: `${model.name}-write`, sync: `${model.name}-sync` };
}
