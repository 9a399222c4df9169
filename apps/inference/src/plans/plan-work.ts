import type { Route, ServingPlan } from '@baton/contracts';
import { createLogger } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { IntegrityError } from '../models/integrity-error.js';
import { IntegrityReports } from '../models/integrity-reports.js';
import { LoadError, ModelLoader } from '../models/model-loader.js';
import type { ServedModel } from '../models/served-model.js';
import { Endpoints } from './endpoints.js';

const log = createLogger('plans');
const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 5000;

/** Brings a plan into service. */
@Injectable()
export class PlanWork {
  constructor(
    private readonly endpoints: Endpoints,
    private readonly loader: ModelLoader,
    private readonly reports: IntegrityReports,
  ) {}

  /** Until every route of the plan is loaded, or one is refused, or a newer plan has come. */
  async follow(plan: ServingPlan, stop: AbortSignal): Promise<void> {
    const loaded: ServedModel[] = [];
    for (const route of plan.routes) {
      const model = await this.loadUntilDone(plan, route, stop);
      if (!model) {
        await this.endpoints.giveBack(plan.endpoint, loaded);
        return;
      }
      loaded.push(model);
    }
    await this.endpoints.serve(plan, loaded);
    const { endpoint, revision, routes } = plan;
    log.info('serving', { endpoint, revision, versions: routes.map(({ version }) => version) });
  }

  /** What does not match is refused for good; what cannot be had now is tried again. */
  private async loadUntilDone(plan: ServingPlan, route: Route, stop: AbortSignal): Promise<ServedModel | undefined> {
    for (let tries = 0; this.isWanted(plan) && !stop.aborted; tries += 1) {
      try {
        return this.endpoints.loaded(plan.endpoint, route) ?? (await this.loader.load(route));
      } catch (error) {
        if (error instanceof IntegrityError) this.tell(plan, route, error);
        const reason = error instanceof Error ? error.message : String(error);
        const isFinal = error instanceof IntegrityError || error instanceof LoadError;
        this.endpoints.setState(plan, route, isFinal ? 'refused' : 'loading', reason);
        if (isFinal) return undefined;
        if (tries % 10 === 0) log.warn('a version cannot be loaded yet', { endpoint: plan.endpoint, reason });
        const wait = Math.min(FIRST_PAUSE_MS * 2 ** tries, MAX_PAUSE_MS);
        await pause(wait, undefined, { signal: stop }).catch(() => undefined);
      }
    }
    return undefined;
  }

  private tell(plan: ServingPlan, route: Route, { kind, message, expected, actual }: IntegrityError): void {
    const { model, version } = route;
    this.reports.report({
      ...{ subject: `${kind}:${model}@${version}`, kind, reason: message, endpoint: plan.endpoint, model, version },
      ...(expected ? { expected } : {}),
      ...(actual ? { actual } : {}),
    });
  }

  private isWanted({ endpoint, revision }: ServingPlan): boolean {
    return this.endpoints.get(endpoint)?.wanted.revision === revision;
  }
}
