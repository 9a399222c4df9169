import type { Route } from '@baton/contracts';
import { gauge, withSpan } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { InferenceConfig } from '../config.js';
import { TrustRoots } from '../trust-roots.js';
import { ArtifactCache } from './artifact-cache.js';
import { attestationProblem } from './attestation.js';
import { IntegrityError } from './integrity-error.js';
import { ServedModel } from './served-model.js';

/** Thrown when the runtime does not take bytes that are the right ones: trying again would not help. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
}

interface Held {
  readonly model: Promise<ServedModel>;
  users: number;
}

/** The models in memory: attestation first, then bytes, then the runtime. Routes with the same bytes share one. */
@Injectable()
export class ModelPool {
  private readonly held = new Map<string, Held>();

  constructor(
    private readonly config: InferenceConfig,
    private readonly trust: TrustRoots,
    private readonly cache: ArtifactCache,
  ) {
    const { held } = this;
    gauge('models_loaded', 'Models in memory', [], function () {
      this.set(held.size);
    });
  }

  /**
   * The model of a route; to be given back by {@link release}. The attestation is checked for each route anew, also
   * where its bytes are in memory already.
   * @throws IntegrityError, LoadError; any other error may pass
   */
  async acquire(route: Route): Promise<ServedModel> {
    const problem = attestationProblem(route, this.trust.registry);
    if (problem) throw new IntegrityError('attestation', problem, route.digest);
    const key = keyOf(route);
    const held = this.held.get(key) ?? { model: this.load(route), users: 0 };
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
    await (await held.model).release();
  }

  private load(route: Route): Promise<ServedModel> {
    const { model, version, digest, files } = route;
    const attributes = { 'baton.model': model, 'baton.version': version, 'baton.digest': digest };
    return withSpan('model.load', { attributes }, async () => {
      const [file] = files;
      if (!file || files.length > 1) throw new LoadError('a version has one model file');
      const bytes = await this.cache.bytesOf(file);
      const { maxBatchRows: maxRows, maxWaitingRequests: maxWaiting, requestTimeoutMs: timeoutMs } = this.config;
      return ServedModel.load(bytes, route, { maxRows, maxWaiting, timeoutMs }).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        throw new LoadError(`the runtime does not load it: ${reason}`, { cause: error });
      });
    });
  }
}

function keyOf({ digest, inputs, outputs }: Route): string {
  return JSON.stringify([digest, inputs, outputs]);
}
