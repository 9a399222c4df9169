import type { Caller } from '@baton/access';
import { Readiness } from '@baton/service';
import { Injectable } from '@nestjs/common';
import { DataPlane } from '../predictions/data-plane.js';
import { serverDescription } from '../predictions/model-description.js';
import { ModelDescriptions } from '../predictions/model-descriptions.js';
import { RepositoryModels } from '../repository/repository-models.js';
import type { GuardedName, PublicName } from './method-rules.js';

interface ModelRequest {
  readonly name: string;
  readonly version: string;
}

interface RepositoryRequest {
  readonly model_name: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

type Told = object | Promise<object>;
type Inferring = 'ModelInfer' | 'ModelStreamInfer';

/** What the methods of one request and one answer do, but for inference. */
@Injectable()
export class ModelCalls {
  constructor(
    private readonly dataPlane: DataPlane,
    private readonly descriptions: ModelDescriptions,
    private readonly models: RepositoryModels,
    private readonly readiness: Readiness,
  ) {}

  readonly open: Readonly<Record<PublicName, () => Told>> = {
    ServerLive: () => ({ live: true }),
    ServerReady: async () => ({ ready: Object.keys(await this.readiness.missing()).length === 0 }),
    ServerMetadata: () => serverDescription,
  };

  readonly guarded: Readonly<Record<Exclude<GuardedName, Inferring>, (request: never, caller: Caller) => Told>> = {
    ModelReady: ({ name, version }: ModelRequest, caller) => {
      this.dataPlane.choose(name, version, caller);
      return { ready: true };
    },
    ModelMetadata: ({ name, version }: ModelRequest, caller) => this.descriptions.metadata(name, version, caller),
    ModelConfig: ({ name, version }: ModelRequest, caller) => ({
      config: this.descriptions.config(name, version, caller),
    }),
    ModelStatistics: ({ name, version }: ModelRequest, caller) => ({
      model_stats: name === '' ? this.descriptions.allStats(caller) : this.descriptions.stats(name, version, caller),
    }),
    RepositoryIndex: ({ ready }: { readonly ready: boolean }, caller) => ({
      models: this.models.index(caller, ready),
    }),
    RepositoryModelLoad: async ({ model_name: name, parameters }: RepositoryRequest, caller) => {
      await this.models.load(name, caller, parameters);
      return {};
    },
    RepositoryModelUnload: async ({ model_name: name }: RepositoryRequest, caller) => {
      await this.models.unload(name, caller);
      return {};
    },
  };
}
