import { authorize, canSee, type Caller } from '@baton/access';
import { newId, type EndpointPolicy, type PredictionLogged, type Route } from '@baton/contracts';
import { ServiceError } from '@baton/service';
import { Injectable } from '@nestjs/common';
import { DataDir } from '../data-dir.js';
import type { ServedModel } from '../models/served-model.js';
import { Endpoints } from '../plans/endpoints.js';
import { chooseModel, type ServedPlan } from '../plans/served-endpoints.js';
import { loggedTensors } from '../prediction-log/logged-tensors.js';
import { PredictionLog } from '../prediction-log/prediction-log.js';
import { outputNames } from './output-names.js';
import type { ModelTensor } from '../runtime/tensors.js';
import { eventTimeOf } from './event-time.js';
import { endpointNotFound, invalidField, notRecorded, runFailed, versionNotServed } from './predictions.errors.js';

/** A request, whatever it came over. */
export interface InferenceRequest {
  readonly endpoint: string;
  /** As the caller wrote it; absent or empty for the endpoint's choice. */
  readonly version?: string | undefined;
  readonly caller: Caller;
  readonly requestId?: string | undefined;
  /** The caller's `event_time`. */
  readonly eventTime?: unknown;
  readonly receivedAt: Date;
  /** Makes the inputs once the version is known. @throws ServiceError 400 */
  readonly decode: (route: Route) => ModelTensor[];
  /** Names of the outputs to answer with; absent or empty for all. */
  readonly outputs?: readonly string[] | undefined;
}

export interface InferenceAnswer {
  /** UUIDv7 of the prediction: what `GET /v1/predictions/{id}` of the monitoring service finds. */
  readonly prediction: string;
  readonly route: Route;
  readonly outputs: ModelTensor[];
}

/** Everything that happens between a request and its answer, without a word of how either travels. */
@Injectable()
export class DataPlane {
  constructor(
    private readonly endpoints: Endpoints,
    private readonly log: PredictionLog,
    private readonly dataDir: DataDir,
  ) {}

  /**
   * What the endpoint serves, for a caller that may see it.
   * @throws ServiceError 403, 404
   */
  served(endpoint: string, caller: Caller): ServedPlan {
    authorize(caller, 'predictions:write');
    const served = this.endpoints.served(endpoint);
    if (!served || !canSee(caller, served.plan.project)) throw endpointNotFound(endpoint);
    return served;
  }

  /** @throws ServiceError 404 */
  choose(served: ServedPlan, version: string | undefined): ServedModel {
    const named = version === undefined || version === '' ? undefined : Number(version);
    const model = named !== undefined && !Number.isSafeInteger(named) ? undefined : chooseModel(served, named);
    if (!model) throw versionNotServed(served.plan.endpoint, String(version));
    return model;
  }

  /**
   * Runs the model and records the prediction, answered or failed, before anybody hears of it.
   * @throws ServiceError 400, 403, 404, 503
   */
  async infer(request: InferenceRequest): Promise<InferenceAnswer> {
    const served = this.served(request.endpoint, request.caller);
    const model = this.choose(served, request.version);
    const { policy } = served.plan;
    const eventTime = eventTimeOf(request.eventTime, policy, request.receivedAt);
    const fact = { prediction: newId(), eventTime };
    let inputs: ModelTensor[] = [];
    let outputs: ModelTensor[];
    try {
      inputs = request.decode(model.route);
      const chosen = chosenOutputs(model.route, request.outputs);
      const all = await model.run(inputs).catch((error: unknown) => {
        throw runFailed(error);
      });
      outputs = all.filter(({ name }) => chosen.has(name));
    } catch (error) {
      await this.record(request, served, model.route, policy, { ...fact, inputs, outputs: [], error });
      throw error;
    }
    await this.record(request, served, model.route, policy, { ...fact, inputs, outputs });
    return { prediction: fact.prediction, route: model.route, outputs };
  }

  private async record(
    request: InferenceRequest,
    { plan }: ServedPlan,
    route: Route,
    policy: EndpointPolicy,
    what: { prediction: string; eventTime: string; inputs: ModelTensor[]; outputs: ModelTensor[]; error?: unknown },
  ): Promise<void> {
    const { deployment, model, version, digest } = route;
    const failed = what.error === undefined ? {} : { error: reasonOf(what.error) };
    const { hashKey } = this.dataDir;
    const entry: Omit<PredictionLogged, 'replica' | 'sequence'> = {
      ...{ prediction: what.prediction, endpoint: plan.endpoint, project: plan.project },
      ...{ deployment, model, version, digest, caller: request.caller.keyId },
      ...(request.requestId ? { requestId: request.requestId.slice(0, 256) } : {}),
      receivedAt: request.receivedAt.toISOString(),
      eventTime: what.eventTime,
      latencyMs: Math.max(0, Date.now() - request.receivedAt.getTime()),
      outcome: what.error === undefined ? 'ok' : 'failed',
      ...failed,
      rows: what.inputs[0]?.shape[0] ?? 0,
      inputs: loggedTensors(what.inputs, route.features, policy, hashKey),
      outputs: loggedTensors(what.outputs, outputNames(what.outputs), policy, hashKey),
    };
    await this.log.append(entry, policy.record).catch((error: unknown) => {
      throw notRecorded(error);
    });
  }
}

/** @throws ServiceError 400 naming an output that the model does not have */
function chosenOutputs({ outputs }: Route, wanted: readonly string[] | undefined): ReadonlySet<string> {
  const names = outputs.map(({ name }) => name);
  if (!wanted || wanted.length === 0) return new Set(names);
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown === undefined) return new Set(wanted);
  throw invalidField('outputs', `"${unknown}" is no output of the model: it has ${names.join(', ')}`);
}

function reasonOf(error: unknown): string {
  const message = error instanceof ServiceError || error instanceof Error ? error.message : String(error);
  return message.slice(0, 2000);
}
