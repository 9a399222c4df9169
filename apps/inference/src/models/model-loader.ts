import type { Route } from '@baton/contracts';
import { withSpan } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { attestationProblem } from '../plans/plan-verification.js';
import { TrustRoots } from '../trust-roots.js';
import { ArtifactCache } from './artifact-cache.js';
import { IntegrityError } from './integrity-error.js';
import { ServedModel } from './served-model.js';

/** Thrown when the runtime does not take bytes that are the right ones: trying again would not help. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
}

/** Brings a version into memory: attestation first, then bytes, then the runtime. */
@Injectable()
export class ModelLoader {
  constructor(
    private readonly trust: TrustRoots,
    private readonly cache: ArtifactCache,
  ) {}

  /** @throws IntegrityError LoadError; any other error may pass */
  async load(route: Route): Promise<ServedModel> {
    const { model, version, digest, files } = route;
    const attributes = { 'baton.model': model, 'baton.version': version, 'baton.digest': digest };
    return withSpan('load model', { attributes }, async () => {
      const problem = attestationProblem(route, this.trust.registry);
      if (problem) throw new IntegrityError('attestation', problem, digest);
      const [file] = files;
      if (!file || files.length > 1) throw new IntegrityError('attestation', 'a version has one model file');
      const bytes = await this.cache.bytesOf(file);
      return ServedModel.load(route, bytes).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        throw new LoadError(`the runtime does not load it: ${reason}`, { cause: error });
      });
    });
  }
}
