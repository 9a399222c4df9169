import { canSee, type Caller } from '@baton/access';
import type { LoadState } from '@baton/contracts';
import { Injectable } from '@nestjs/common';
import { InferenceConfig } from '../config.js';
import type { EndpointState } from '../plans/endpoint-state.js';
import { Endpoints } from '../plans/endpoints.js';
import type { ServedRoute } from '../plans/served-plan.js';
import { within } from '../within.js';
import { loadRefused, loadTookTooLong, notPlanned, ownModelRefused } from './repository.errors.js';

/** A version in the index, in Triton's words. */
export interface IndexEntry {
  readonly name: string;
  readonly version: string;
  readonly state: 'READY' | 'LOADING' | 'UNAVAILABLE';
  /** Empty where there is nothing to say. */
  readonly reason: string;
}

const states = { ready: 'READY', loading: 'LOADING', refused: 'UNAVAILABLE' } as const satisfies Record<
  LoadState,
  string
>;

const ON_DEMAND = 'not in memory: it is loaded when it is asked for';

/** The model repository of the protocol: what the serving plans have, and nothing else. */
@Injectable()
export class RepositoryModels {
  private waiting: (() => void)[] = [];

  constructor(
    private readonly endpoints: Endpoints,
    private readonly config: InferenceConfig,
  ) {
    endpoints.onChange(() => {
      const { waiting } = this;
      this.waiting = [];
      for (const look of waiting) look();
    });
  }

  /** Every version of the endpoints that the caller may see. */
  index(caller: Caller, isReadyOnly = false): IndexEntry[] {
    const all = this.endpoints.all().filter((state) => isVisible(state, caller));
    return all.flatMap(entriesOf).filter(({ state }) => !isReadyOnly || state === 'READY');
  }

  /**
   * Resolves when the endpoint serves its plan, with everything of it in memory.
   * @param parameters of the request, none of which may bring a model along
   * @throws ServiceError 400 for what is not planned or refused, 503 for what takes too long
   */
  async load(endpoint: string, caller: Caller, parameters: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const own = Object.keys(parameters).find((name) => name === 'config' || name.startsWith('file:'));
    if (own !== undefined) throw ownModelRefused(own);
    this.planned(endpoint, caller);
    const { requestTimeoutMs } = this.config;
    const until = performance.now() + requestTimeoutMs;
    while (!this.isServed(endpoint)) {
      const leftMs = until - performance.now();
      if (leftMs <= 0) throw loadTookTooLong(endpoint, requestTimeoutMs);
      await within(leftMs, this.nextChange());
    }
    await Promise.all(this.served(endpoint).map(({ model }) => model.ensure()));
  }

  /**
   * Frees the memory of an endpoint's versions. They stay what they are, and are loaded again when they are asked for:
   * to end them is for whoever deploys.
   * @throws ServiceError 400 for what is not planned
   */
  async unload(endpoint: string, caller: Caller): Promise<void> {
    this.planned(endpoint, caller);
    await Promise.all(this.served(endpoint).map(({ model }) => model.evict()));
  }

  private planned(endpoint: string, caller: Caller): void {
    const state = this.endpoints.get(endpoint);
    if (!state || !isVisible(state, caller)) throw notPlanned(endpoint);
  }

  private served(endpoint: string): readonly ServedRoute[] {
    return this.endpoints.get(endpoint)?.served?.routes ?? [];
  }

  private isServed(endpoint: string): boolean {
    const { wanted, served, states: routes } = this.endpoints.get(endpoint) ?? {};
    if (!wanted) throw notPlanned(endpoint);
    const refused = routes?.find(({ state }) => state === 'refused');
    if (refused) throw loadRefused(endpoint, refused.route.version, refused.reason ?? 'refused');
    return served?.plan.revision === wanted.revision;
  }

  private nextChange(): Promise<void> {
    return new Promise((done) => this.waiting.push(done));
  }
}

function isVisible({ wanted, served }: EndpointState, caller: Caller): boolean {
  const plan = wanted ?? served?.plan;
  return plan !== undefined && canSee(caller, plan.project);
}

/** What is wanted, and what is still served until that is there. */
function entriesOf({ wanted, served, states: routes }: EndpointState): IndexEntry[] {
  const name = (wanted ?? served?.plan)?.endpoint ?? '';
  const entries = new Map<number, IndexEntry>();
  for (const { route, state, reason = '' } of routes) {
    entries.set(route.version, { name, version: String(route.version), state: states[state], reason });
  }
  for (const { route, model } of served?.routes ?? []) {
    const reason = model.isLoaded ? '' : ON_DEMAND;
    entries.set(route.version, { name, version: String(route.version), state: 'READY', reason });
  }
  return [...entries.values()];
}
