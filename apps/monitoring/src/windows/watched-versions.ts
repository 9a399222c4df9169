import { setTimeout as pause } from 'node:timers/promises';
import type { PredictionLogged } from '@baton/contracts';
import type { Transaction } from '@baton/database';
import { createLogger } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { ReferencesService } from '../references/references.service.js';
import { EndpointPlans, type WatchPolicy } from '../versions/endpoint-plans.js';
import { VersionsService, type WatchedVersion } from '../versions/versions.service.js';
import { featureColumns, type FeatureColumn } from './feature-columns.js';

/** The other topics are read at the same time; a log that is read anew waits this long for them to come by. */
const PATIENCE_MS = 60_000;
const POLL_MS = 50;

const logger = createLogger('windows');

/** How a deployed version is watched. */
export interface Watched {
  policy: WatchPolicy;
  columns: FeatureColumn[];
  reference: string | null;
}

/** Finds out how each deployment of a batch is watched: the endpoint's policy, the version's features and reference. */
@Injectable()
export class WatchedVersions {
  /** Deployments that were waited for in vain. */
  private readonly unknown = new Set<string>();

  constructor(
    private readonly plans: EndpointPlans,
    private readonly versions: VersionsService,
    private readonly references: ReferencesService,
  ) {}

  /** By deployment. Failed predictions may name a deployment whose version nobody knows; they need no features. */
  async resolve(
    tx: Transaction,
    predictions: readonly PredictionLogged[],
    signal: AbortSignal,
  ): Promise<Map<string, Watched>> {
    const first = new Map<string, PredictionLogged>();
    for (const prediction of predictions) {
      if (!first.has(prediction.deployment)) first.set(prediction.deployment, prediction);
    }
    const watched = new Map<string, Watched>();
    for (const [deployment, prediction] of first) {
      watched.set(deployment, await this.watch(tx, prediction, signal));
    }
    return watched;
  }

  private async watch(tx: Transaction, prediction: PredictionLogged, signal: AbortSignal): Promise<Watched> {
    const version = (await this.known(tx, prediction, signal)) ?? signatureOf(prediction);
    const policy = this.plans.policyOf(prediction.endpoint);
    const { reference } = version;
    const profile = reference === null ? undefined : await this.references.profile(reference);
    return { policy, columns: featureColumns(version, policy, profile), reference: profile ? reference : null };
  }

  /** A prediction may overtake, on its own topic, the plan and the version that it was made with. */
  private async known(
    tx: Transaction,
    prediction: PredictionLogged,
    signal: AbortSignal,
  ): Promise<WatchedVersion | undefined> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const version = await this.versionOf(tx, prediction);
      if (version && this.plans.covers(prediction)) return version;
      if (this.unknown.has(prediction.deployment)) return version;
      if (Date.now() > deadline) return this.giveUp(prediction, version);
      await pause(POLL_MS, undefined, { signal });
    }
  }

  private async versionOf(
    tx: Transaction,
    { deployment, model, version }: PredictionLogged,
  ): Promise<WatchedVersion | undefined> {
    const route = this.plans.routeOf(deployment);
    if (route) return { ...route, reference: route.reference?.digest ?? null };
    return this.versions.signatureOf(tx, model, version);
  }

  private giveUp(
    { deployment, endpoint, model, version }: PredictionLogged,
    known: WatchedVersion | undefined,
  ): WatchedVersion | undefined {
    this.unknown.add(deployment);
    const lacking = known ? 'no plan' : 'neither plan nor version';
    logger.warn('a deployment is watched by its log alone', { deployment, endpoint, model, version, lacking });
    return known;
  }
}

/** What the log itself says of a version. */
function signatureOf({ inputs, outputs }: PredictionLogged): WatchedVersion {
  return { inputs, outputs, features: [], reference: null };
}
