import { canSee, type Caller } from '@baton/access';
import { Injectable } from '@nestjs/common';
import { InferenceConfig } from '../config.js';
import { Endpoints } from '../plans/endpoints.js';
import type { ServedPlan } from '../plans/served-plan.js';
import { modelConfig } from '../repository/model-config.js';
import { DataPlane } from './data-plane.js';
import { describeModel } from './model-description.js';
import { describeStats } from './model-statistics.js';
import { ServingStats } from './serving-stats.js';

type ModelStats = ReturnType<typeof describeStats>;

/** What a caller may learn of the models, the same over REST and gRPC. */
@Injectable()
export class ModelDescriptions {
  constructor(
    private readonly dataPlane: DataPlane,
    private readonly endpoints: Endpoints,
    private readonly counters: ServingStats,
    private readonly settings: InferenceConfig,
  ) {}

  /** @throws ServiceError 404, 503 as `DataPlane.choose` */
  metadata(name: string, version: string | undefined, caller: Caller) {
    return describeModel(this.dataPlane.choose(name, version, caller));
  }

  /** @throws ServiceError 404, 503 */
  config(name: string, version: string | undefined, caller: Caller) {
    const { route } = this.dataPlane.choose(name, version, caller);
    return modelConfig(name, route, this.settings.maxBatchRows);
  }

  /** Of one version, or of all that the endpoint serves. @throws ServiceError 404, 503 */
  stats(name: string, version: string | undefined, caller: Caller): ModelStats[] {
    const { route, served } = this.dataPlane.choose(name, version, caller);
    const all = this.statsOf(served);
    return version ? all.filter((one) => one.version === String(route.version)) : all;
  }

  /** Of everything that the caller may see. */
  allStats(caller: Caller): ModelStats[] {
    return this.endpoints.all().flatMap(({ served }) => {
      return served && canSee(caller, served.plan.project) ? this.statsOf(served) : [];
    });
  }

  private statsOf({ plan, routes }: ServedPlan): ModelStats[] {
    return routes.map(({ route }) => describeStats(plan.endpoint, route.version, this.counters.statsOf(route)));
  }
}
