import type { Route, ServingPlan } from '@baton/contracts';
import { createLogger } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { ArtifactCache, DownloadCutError } from '../models/artifact-cache.js';
import { IntegrityError } from '../models/integrity-error.js';
import { IntegrityReports } from '../models/integrity-reports.js';
import { LoadError, ModelPool } from '../models/model-pool.js';
import type { PooledModel } from '../models/pooled-model.js';
import { Endpoints } from './endpoints.js';
import type { ServedRoute } from './served-plan.js';

const log = createLogger('plans');
/** Downloads in a row that end early: the registry holds back the end of bytes that are not the right ones. */
const MAX_CUTS = 2;
const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 5000;

/** Brings a plan into service: everything of it is verified and in memory before it takes the place of what is served. */
@Injectable()
export class PlanWork {
  constructor(
    private readonly endpoints: Endpoints,
    private readonly pool: ModelPool,
    private readonly cache: ArtifactCache,
    private readonly reports: IntegrityReports,
  ) {}

  /** Until every route of the plan is loaded, or one is refused, or a newer plan stops it. */
  async follow(plan: ServingPlan, stop: AbortSignal): Promise<void> {
    const loaded: ServedRoute[] = [];
    for (const route of plan.routes) {
      const model = await this.loadUntilDone(plan, route, stop);
      if (!model) return this.giveBack(loaded);
      loaded.push({ route, model });
    }
    if (!this.endpoints.isWanted(plan)) return this.giveBack(loaded);
    const before = this.endpoints.serve({ plan, routes: loaded });
    const { endpoint, revision, routes } = plan;
    log.info('serving', { endpoint, revision, versions: routes.map(({ version }) => version) });
    await this.giveBack(before);
  }

  /** Frees what nobody needs any more, in memory and on the disk. */
  async giveBack(routes: readonly ServedRoute[]): Promise<void> {
    await Promise.all(routes.map(({ route }) => this.pool.release(route)));
    await this.cache.keepOnly(this.endpoints.digestsInUse());
  }

  /** What does not match is refused for good; what cannot be had now is tried again. */
  private async loadUntilDone(plan: ServingPlan, route: Route, stop: AbortSignal): Promise<PooledModel | undefined> {
    for (let tries = 0, cuts = 0; !stop.aborted; tries += 1) {
      try {
        return await this.load(route, stop);
      } catch (caught) {
        if (stop.aborted) return undefined;
        cuts = caught instanceof DownloadCutError ? cuts + 1 : 0;
        const error = cuts >= MAX_CUTS ? cutOff(route, caught) : caught;
        if (error instanceof IntegrityError) this.tell(plan, route, error);
        const reason = error instanceof Error ? error.message : String(error);
        const isFinal = error instanceof IntegrityError || error instanceof LoadError;
        if (isFinal || tries % 10 === 0)
          log.warn('a version is not loaded', { endpoint: plan.endpoint, isFinal, error });
        this.endpoints.setStuck(plan, route, isFinal ? 'refused' : 'loading', reason);
        if (isFinal) return undefined;
        const wait = Math.min(FIRST_PAUSE_MS * 2 ** tries, MAX_PAUSE_MS);
        await pause(wait, undefined, { signal: stop }).catch(() => undefined);
      }
    }
    return undefined;
  }

  /** Does not wait for the end of a download that nobody needs any more. */
  private async load(route: Route, stop: AbortSignal): Promise<PooledModel> {
    const acquiring = this.pool.acquire(route);
    const stopped = Promise.withResolvers<never>();
    const onStop = () => stopped.reject(new Error('a newer plan has come'));
    stop.addEventListener('abort', onStop, { once: true });
    try {
      return await Promise.race([acquiring, stopped.promise]);
    } catch (error) {
      if (stop.aborted) void acquiring.then(() => this.pool.release(route)).catch(() => undefined);
      throw error;
    } finally {
      stop.removeEventListener('abort', onStop);
    }
  }

  private tell({ endpoint }: ServingPlan, { model, version }: Route, error: IntegrityError): void {
    const { kind, message: reason, expected, actual } = error;
    const values = { ...(expected ? { expected } : {}), ...(actual ? { actual } : {}) };
    this.reports.report({ subject: `${kind}:${model}@${version}`, kind, reason, endpoint, model, version, ...values });
  }
}

function cutOff({ digest }: Route, caught: unknown): IntegrityError {
  const why = caught instanceof Error ? caught.message : String(caught);
  return new IntegrityError('artifact', `${why}, again: as it does with bytes of another digest`, digest);
}
