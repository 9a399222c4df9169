import { canSee, type Caller } from '@baton/access';
import type { Route } from '@baton/contracts';
import { type RequestTrace } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { InferenceConfig } from '../config.js';
import { Endpoints } from '../plans/endpoints.js';
import { chooseRoute, type ServedPlan, type ServedRoute } from '../plans/served-plan.js';
import type { Answer, Question } from '../requests/question.js';
import type { BatchArena } from '../runtime/batch-arena.js';
import { PredictionMetrics } from './prediction-metrics.js';
import { PredictionRecorder } from './prediction-recorder.js';
import { PendingPrediction, type PredictionParts } from './pending-prediction.js';
import { ShadowCopies, type ShadowCopy } from './shadow-copies.js';
import { endpointNotFound, notLoaded, versionNotServed } from './predictions.errors.js';

/** What a transport knows of a request before it has read it. */
export interface InferenceRequest {
  readonly endpoint: string;
  /** As the caller wrote it; absent or empty for the endpoint's choice. */
  readonly version?: string | undefined;
  readonly caller: Caller;
  /** When it came, by the process's own clock (`performance.now()`). */
  readonly since: number;
  /** Until when it is worth an answer, by the same clock; the service's own limit where it is later or absent. */
  readonly deadline?: number | undefined;
  /** Requests with the same key go to the same version, where several are served. */
  readonly stickyKey?: string | undefined;
  /** Of a transport that traces its requests itself; without it the active span is carried on. */
  readonly trace?: RequestTrace | undefined;
  /**
   * Reads the request for the version that it goes to.
   * @param arena where its inputs may be decoded to, if they are run in this turn of the event loop
   * @throws ServiceError 400
   */
  readonly read: (route: Route, arena?: BatchArena) => InferenceQuestion;
}

/** What is asked. */
export interface InferenceQuestion extends Question {
  /** The caller's `event_time` where it is known already, in milliseconds since the epoch. */
  readonly at?: number | undefined;
}

/** Who hears of the outcome: exactly one of the two, once, and not before it is on record. */
export interface Reply {
  answered(answer: Answer): void;
  failed(error: unknown): void;
}

/** A version, and what else its endpoint serves. */
export interface ChosenRoute extends ServedRoute {
  readonly served: ServedPlan;
}

const VERSION = /^[1-9]\d{0,14}$/;

/** Everything that happens between a request and its answer, without a word of how either travels. */
@Injectable()
export class DataPlane {
  private readonly parts: PredictionParts;

  constructor(
    private readonly endpoints: Endpoints,
    private readonly config: InferenceConfig,
    recorder: PredictionRecorder,
    metrics: PredictionMetrics,
  ) {
    this.parts = { recorder, metrics, shadows: new ShadowCopies((copy) => this.shadow(copy)) };
  }

  /** What of the endpoints a caller may see. */
  visible(caller: Caller): string[] {
    const plans = this.endpoints.all().flatMap(({ served }) => served?.plan ?? []);
    return plans.filter(({ project }) => canSee(caller, project)).map(({ endpoint }) => endpoint);
  }

  /**
   * The version that a request goes to.
   * @throws ServiceError 404 for what is not there or not to be seen, 503 for what is on its way
   */
  choose(endpoint: string, version: string | undefined, caller: Caller, stickyKey?: string): ChosenRoute {
    const { wanted, served } = this.endpoints.get(endpoint) ?? {};
    const plan = served?.plan ?? wanted;
    if (!plan || !canSee(caller, plan.project)) throw endpointNotFound(endpoint);
    if (!served) throw notLoaded(endpoint);
    const isNamed = version !== undefined && version !== '';
    const isVersion = !isNamed || VERSION.test(version);
    const chosen = isVersion ? chooseRoute(served, isNamed ? { version: Number(version) } : { stickyKey }) : undefined;
    if (chosen) return { route: chosen.route, model: chosen.model, served };
    const versions = served.routes.map(({ route }) => route.version);
    throw versionNotServed(endpoint, version ?? '', versions);
  }

  /** Runs the model and records the prediction, answered or failed, before anybody hears of it. */
  begin(request: InferenceRequest, reply: Reply): void {
    const { endpoint, version, caller, stickyKey, since } = request;
    let chosen: ChosenRoute;
    try {
      chosen = this.choose(endpoint, version, caller, stickyKey);
    } catch (error) {
      return reply.failed(error);
    }
    const latest = since + this.config.requestTimeoutMs;
    const deadline = Math.min(request.deadline ?? latest, latest);
    new PendingPrediction(this.parts, chosen, { request, deadline, reply }).start();
  }

  /**
   * The same for who would rather wait for a promise.
   * @throws ServiceError 400, 404, 503, 504
   */
  infer(request: InferenceRequest): Promise<Answer> {
    return new Promise((answered, failed) => this.begin(request, { answered, failed }));
  }

  /** Its answer is recorded, and nobody's. */
  private shadow({ chosen, caller, question }: ShadowCopy): void {
    const since = performance.now();
    const request = { endpoint: chosen.served.plan.endpoint, caller, since, read: () => question };
    const deadline = since + this.config.requestTimeoutMs;
    const reply = { answered: () => undefined, failed: () => undefined };
    new PendingPrediction(this.parts, chosen, { request, deadline, reply }).start();
  }
}
