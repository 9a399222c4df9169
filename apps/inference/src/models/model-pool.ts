import type { Route } from '@baton/contracts';
import { tensorOutputs } from '@baton/onnx';
import { counter, createLogger, gauge, histogram, withSpan } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { InferenceConfig } from '../config.js';
import { TrustRoots } from '../trust-roots.js';
import { ArtifactCache } from './artifact-cache.js';
import { attestationProblem } from './attestation.js';
import { IntegrityError } from './integrity-error.js';
import { PooledModel } from './pooled-model.js';
import { ServedModel, type KnownModel } from './served-model.js';
import { Suspects } from './suspects.js';

const log = createLogger('models');
const MEBIBYTE = 2 ** 20;
/** Bytes of memory for each byte of the file, and for a model whatever its size: as measured of small and large ones. */
const MEMORY_PER_BYTE = 4;
const MEMORY_PER_MODEL = MEBIBYTE / 4;

/** Of a matrix of a few megabytes with one row, which waits for memory; convolutions are ten times as quick. */
const MACS_PER_MS = 2_500_000;

const evictions = counter('model_evictions_total', 'Models that made room for others');
const loadSeconds = histogram('model_load_duration_seconds', 'Time to read, verify, load and warm up a model', {
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
});

/** Thrown when the runtime does not take bytes that are the right ones: trying again would not help. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
}

interface Held {
  readonly model: Promise<PooledModel>;
  users: number;
}

/** The models of this replica: attestation first, then bytes, then the runtime. Routes with the same bytes share one. */
@Injectable()
export class ModelPool {
  private readonly held = new Map<string, Held>();
  private readonly pooled = new Set<PooledModel>();

  constructor(
    private readonly config: InferenceConfig,
    private readonly trust: TrustRoots,
    private readonly cache: ArtifactCache,
    private readonly suspects: Suspects,
  ) {
    const loaded = () => this.loaded();
    gauge('models_loaded', 'Models in memory', [], function () {
      this.set(loaded().length);
    });
    gauge('models_memory_bytes', 'Memory that models take, as far as can be told', [], function () {
      this.set(sumOf(loaded()));
    });
  }

  /**
   * The model of a route; to be given back by {@link release}. The attestation is checked for each route anew, also
   * where its bytes are in memory already.
   * @throws IntegrityError, LoadError; any other error may pass
   */
  async acquire(route: Route): Promise<PooledModel> {
    const problem = attestationProblem(route, this.trust.registry);
    if (problem) throw new IntegrityError('attestation', problem, route.digest);
    const key = keyOf(route);
    const held = this.held.get(key) ?? { model: this.pool(route), users: 0 };
    held.users += 1;
    this.held.set(key, held);
    try {
      return await held.model;
    } catch (error) {
      if (this.held.get(key) === held) this.held.delete(key);
      throw error;
    }
  }

  /** Frees the memory when nobody else has it, after the requests that are on their way. */
  async release(route: Route): Promise<void> {
    const key = keyOf(route);
    const held = this.held.get(key);
    if (!held) return;
    held.users -= 1;
    if (held.users > 0) return;
    this.held.delete(key);
    const model = await held.model;
    this.pooled.delete(model);
    await model.evict();
  }

  private async pool(route: Route): Promise<PooledModel> {
    const first = await this.load(route);
    const size = route.files[0]?.size ?? 0;
    const bytes = MEMORY_PER_MODEL + MEMORY_PER_BYTE * size;
    const load = (known?: KnownModel) => this.load(route, known);
    const model = new PooledModel(first, bytes, load, (loaded) => this.makeRoom(loaded));
    this.pooled.add(model);
    this.makeRoom(model);
    return model;
  }

  private loaded(): PooledModel[] {
    return [...this.pooled].filter(({ isLoaded }) => isLoaded);
  }

  /** Evicts what was not asked for the longest, until the rest fits; never what somebody waits for. */
  private makeRoom(newest: PooledModel): void {
    const budget = this.config.modelMemoryMb * MEBIBYTE;
    const candidates = this.loaded().toSorted((one, other) => one.lastUsed - other.lastUsed);
    let bytes = sumOf(candidates);
    for (const model of candidates) {
      if (bytes <= budget) return;
      if (model === newest || !model.isIdle) continue;
      bytes -= model.bytes;
      evictions.inc();
      model.evict().catch((error: unknown) => log.error('a model was not released', { error }));
    }
  }

  private load(route: Route, known?: KnownModel): Promise<ServedModel> {
    const { model: name, version, digest } = route;
    const attributes = { 'baton.model': name, 'baton.version': version, 'baton.digest': digest };
    return withSpan('model.load', { attributes }, async () => {
      const end = loadSeconds.startTimer();
      const read = () => this.bytesOf(route);
      const bytes = await read();
      try {
        const load = () => ServedModel.load(bytes, this.suspects, this.optionsOf(route, read), known);
        const model = await (this.suspects.has(digest) ? load() : this.suspects.trying(digest, load));
        end();
        return model;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new LoadError(`the runtime does not load it: ${reason}`, { cause: error });
      }
    });
  }

  /** Verified, and without maps in its outputs, which no inference protocol carries. */
  private async bytesOf({ files }: Route): Promise<Uint8Array> {
    const [file] = files;
    if (!file || files.length > 1) throw new LoadError('a version has one model file');
    return tensorOutputs(await this.cache.bytesOf(file)).bytes;
  }

  private optionsOf(route: Route, bytes: () => Promise<Uint8Array>) {
    const { maxBatchRows: maxRows, maxWaitingRequests: maxWaiting, runTimeoutMs, processMemoryMb } = this.config;
    const { loopRunMs: runMs, loopMemoryMb } = this.config;
    const { model, version, digest, inputs, outputs } = route;
    return {
      ...{ digest, maxRows, maxWaiting, runTimeoutMs, bytes },
      name: `${model}@${version}`,
      signature: { inputs, outputs },
      loop: { runMs, peakBytes: loopMemoryMb * MEBIBYTE, macsPerMs: MACS_PER_MS },
      memoryMb: processMemoryMb,
    };
  }
}

function sumOf(models: readonly PooledModel[]): number {
  return models.reduce((sum, { bytes }) => sum + bytes, 0);
}

function keyOf({ digest, inputs, outputs }: Route): string {
  return JSON.stringify([digest, inputs, outputs]);
}
