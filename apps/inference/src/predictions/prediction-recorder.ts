import type { Caller } from '@baton/access';
import type { EndpointPolicy, PredictionLogged, Route, ServingPlan } from '@baton/contracts';
import { ServiceError } from '@baton/service';
import { Injectable } from '@nestjs/common';
import { DataDir } from '../data-dir.js';
import { loggedTensors } from '../prediction-log/logged-tensors.js';
import { PredictionLog } from '../prediction-log/prediction-log.js';
import type { ModelTensor } from '../runtime/tensors.js';
import type { InferenceQuestion } from './data-plane.js';

const MAX_ID = 256;
const MAX_ERROR = 2000;

/** A prediction that is over, one way or the other. */
export interface FinishedPrediction {
  readonly prediction: string;
  readonly plan: ServingPlan;
  readonly route: Route;
  readonly caller: Caller;
  readonly receivedAt: Date;
  /** The same by the process's own clock. */
  readonly since: number;
  /** ISO 8601. */
  readonly eventTime: string;
  /** Absent when the request could not be read. */
  readonly question?: InferenceQuestion | undefined;
  readonly outputs: readonly ModelTensor[];
  readonly error?: unknown;
}

/** Writes down predictions as the data policy of their endpoint allows. */
@Injectable()
export class PredictionRecorder {
  constructor(
    private readonly log: PredictionLog,
    private readonly dataDir: DataDir,
  ) {}

  /** Resolves when the record is as safe as the endpoint's policy wants it. */
  async record(finished: FinishedPrediction): Promise<void> {
    await this.log.append(this.entry(finished), finished.plan.policy.record);
  }

  private entry(finished: FinishedPrediction): Omit<PredictionLogged, 'replica' | 'sequence'> {
    const { prediction, plan, route, caller, receivedAt, since, eventTime, question, outputs, error } = finished;
    const { deployment, model, version, digest } = route;
    const rules = { policy: plan.policy, hashKey: this.dataDir.hashKey };
    const inputs = question?.inputs ?? [];
    return {
      prediction,
      ...(question?.id ? { requestId: question.id.slice(0, MAX_ID) } : {}),
      endpoint: plan.endpoint,
      project: plan.project,
      deployment,
      model,
      version,
      digest,
      caller: caller.keyId,
      receivedAt: receivedAt.toISOString(),
      eventTime,
      latencyMs: Math.round((performance.now() - since) * 1000) / 1000,
      outcome: error === undefined ? 'ok' : 'failed',
      ...(error === undefined ? {} : { error: reasonOf(error, plan.policy) }),
      rows: inputs[0] ? (inputs[0].shape[0] ?? 1) : 0,
      inputs: loggedTensors(inputs, route.inputs, rules, route.features),
      outputs: loggedTensors(outputs, route.outputs, rules),
    };
  }
}

/** A message may quote the value that it is about; where not everything may be logged, only what is wrong is. */
function reasonOf(error: unknown, { logging, features }: EndpointPolicy): string {
  const isOpen = logging === 'full' && Object.values(features).every((policy) => policy === 'full');
  if (isOpen) return (error instanceof Error ? error.message : String(error)).slice(0, MAX_ERROR);
  if (!(error instanceof ServiceError)) return 'internal';
  const fields = error.errors.map(({ field }) => field).join(', ');
  return (fields ? `${error.code}: ${fields}` : error.code).slice(0, MAX_ERROR);
}
