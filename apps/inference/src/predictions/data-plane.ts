import { canSee, type Caller } from '@baton/access';
import { newId, type Route } from '@baton/contracts';
import { ServiceError } from '@baton/service';
import { counter, histogram } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { Endpoints } from '../plans/endpoints.js';
import { chooseRoute, type ServedPlan, type ServedRoute } from '../plans/served-plan.js';
import { eventTimeOf } from '../requests/event-time.js';
import { invalidField } from '../requests/requests.errors.js';
import { refuseUnequalRows } from '../requests/tensor-decoding.js';
import type { ModelTensor } from '../runtime/tensors.js';
import { PredictionRecorder } from './prediction-recorder.js';
import { endpointNotFound, notLoaded, runFailed, versionNotServed } from './predictions.errors.js';

/** What a transport knows of a request before it has read it. */
export interface InferenceRequest {
  readonly endpoint: string;
  /** As the caller wrote it; absent or empty for the endpoint's choice. */
  readonly version?: string | undefined;
  readonly caller: Caller;
  /** When it came, by the process's own clock (`performance.now()`). */
  readonly since: number;
  /** Reads the request for the version that it goes to. @throws ServiceError 400 */
  readonly read: (route: Route) => InferenceQuestion;
}

/** What is asked. */
export interface InferenceQuestion {
  /** The caller's own id of the request. */
  readonly id?: string | undefined;
  /** The caller's `event_time`. */
  readonly eventTime?: unknown;
  readonly inputs: ModelTensor[];
  /** Names of the outputs to answer with, in this order; absent or empty for all. */
  readonly outputs?: readonly string[] | undefined;
}

export interface InferenceAnswer {
  /** UUIDv7 of the prediction: what `GET /v1/predictions/{id}` of the monitoring service finds. */
  readonly prediction: string;
  readonly route: Route;
  readonly id?: string | undefined;
  readonly outputs: ModelTensor[];
}

/** A version, and what else its endpoint serves. */
export interface ChosenRoute extends ServedRoute {
  readonly served: ServedPlan;
}

const predictions = counter('predictions_total', 'Predictions, answered or failed', ['endpoint', 'version', 'outcome']);
const seconds = histogram('prediction_duration_seconds', 'Time from a request to its record', {
  labels: ['endpoint'],
  buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30],
});
const VERSION = /^[1-9]\d{0,14}$/;
const SHED = [503, 504];

/** Everything that happens between a request and its answer, without a word of how either travels. */
@Injectable()
export class DataPlane {
  constructor(
    private readonly endpoints: Endpoints,
    private readonly recorder: PredictionRecorder,
  ) {}

  /** What of the endpoints a caller may see. */
  visible(caller: Caller): string[] {
    const plans = this.endpoints.all().flatMap(({ served }) => served?.plan ?? []);
    return plans.filter(({ project }) => canSee(caller, project)).map(({ endpoint }) => endpoint);
  }

  /**
   * The version that a request goes to.
   * @throws ServiceError 404 for what is not there or not to be seen, 503 for what is on its way
   */
  choose(endpoint: string, version: string | undefined, caller: Caller): ChosenRoute {
    const { wanted, served } = this.endpoints.get(endpoint) ?? {};
    const plan = served?.plan ?? wanted;
    if (!plan || !canSee(caller, plan.project)) throw endpointNotFound(endpoint);
    if (!served) throw notLoaded(endpoint);
    const isNamed = version !== undefined && version !== '';
    const isVersion = !isNamed || VERSION.test(version);
    const chosen = isVersion ? chooseRoute(served, isNamed ? Number(version) : undefined) : undefined;
    if (chosen) return { ...chosen, served };
    const versions = served.routes.map(({ route }) => route.version);
    throw versionNotServed(endpoint, version ?? '', versions);
  }

  /**
   * Runs the model and records the prediction, answered or failed, before anybody hears of it.
   * @throws ServiceError 400, 404, 503, 504
   */
  async infer(request: InferenceRequest): Promise<InferenceAnswer> {
    const { endpoint, version, caller, since } = request;
    const receivedAt = new Date(Date.now() - (performance.now() - since));
    const chosen = this.choose(endpoint, version, caller);
    const { route, model, served } = chosen;
    const fact = {
      prediction: newId(),
      plan: served.plan,
      route,
      caller,
      since,
      receivedAt,
      eventTime: receivedAt.toISOString(),
    };
    let question: InferenceQuestion | undefined;
    try {
      question = request.read(route);
      const eventTime = eventTimeOf(question.eventTime, served.plan.policy, receivedAt);
      fact.eventTime = eventTime;
      if (model.hasRows) refuseUnequalRows(question.inputs);
      const names = outputNames(route, question.outputs);
      const all = await this.run(chosen, question.inputs);
      await this.recorder.record({ ...fact, question, outputs: all });
      this.count(chosen, 'ok', since);
      const outputs = names.flatMap((name) => all.filter((output) => output.name === name));
      return { prediction: fact.prediction, route, id: question.id, outputs };
    } catch (error) {
      this.count(chosen, 'failed', since);
      // What was refused since there is too much to do must not make more to do.
      const isShed = error instanceof ServiceError && SHED.includes(error.status);
      if (!isShed) await this.recorder.record({ ...fact, question, outputs: [], error });
      throw error;
    }
  }

  private async run({ route, model }: ServedRoute, inputs: readonly ModelTensor[]): Promise<ModelTensor[]> {
    const rows = inputs[0]?.shape[0] ?? 0;
    const attributes = { 'baton.model': route.model, 'baton.version': route.version, 'baton.rows': rows };
    try {
      return await model.run(inputs, attributes);
    } catch (error) {
      throw error instanceof ServiceError ? error : runFailed(error);
    }
  }

  private count({ route, served }: ChosenRoute, outcome: 'ok' | 'failed', since: number): void {
    const { endpoint } = served.plan;
    predictions.inc({ endpoint, version: String(route.version), outcome });
    seconds.observe({ endpoint }, (performance.now() - since) / 1000);
  }
}

/** @throws ServiceError 400 naming an output that the model does not have */
function outputNames({ outputs }: Route, wanted: readonly string[] = []): string[] {
  const names = outputs.map(({ name }) => name);
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw invalidField('outputs', `"${unknown}" is no output of the model: it has ${names.join(', ')}`);
  }
  return wanted.length > 0 ? [...new Set(wanted)] : names;
}
