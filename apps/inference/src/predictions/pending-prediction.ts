import { newId, type Route, type ServingPlan } from '@baton/contracts';
import { ServiceError } from '@baton/service';
import { traceHeaders } from '@baton/telemetry';
import type { PredictionEntry } from '../prediction-log/prediction-entry.js';
import { eventTimeOf } from '../requests/event-time.js';
import { invalidField } from '../requests/requests.errors.js';
import { refuseUnequalRows } from '../requests/tensor-decoding.js';
import type { BatchRun, Submission } from '../runtime/turn-batcher.js';
import type { ModelTensor } from '../runtime/tensors.js';
import type { ChosenRoute, InferenceQuestion, InferenceRequest, Reply } from './data-plane.js';
import type { PredictionMetrics } from './prediction-metrics.js';
import type { PredictionRecorder } from './prediction-recorder.js';
import { runFailed } from './predictions.errors.js';
import { refuseUncleared } from './clearance.js';
import type { ShadowCopies } from './shadow-copies.js';

const NOTHING: readonly ModelTensor[] = [];
const SHED = [503, 504];
/** Letters of the caller's id that are recorded. */
const MAX_ID = 256;

/** What every prediction goes through. */
export interface PredictionParts {
  readonly recorder: PredictionRecorder;
  readonly metrics: PredictionMetrics;
  readonly shadows: ShadowCopies;
}

/** A request on its way through the data plane: read, run, recorded, answered. It is its own record, too. */
export class PendingPrediction implements Submission, PredictionEntry {
  readonly prediction = newId();
  readonly plan: ServingPlan;
  readonly route: Route;
  readonly caller: string;
  readonly since: number;
  /** Triton's `timeout`, in microseconds, may bring it forward. */
  deadline: number;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  eventTime: number;
  latencyMs = 0;
  /** When it had been read, and when it began to be recorded, by the process's own clock. */
  readAt = 0;
  recordAt = 0;
  requestId: string | undefined;
  inputs: readonly ModelTensor[] = NOTHING;
  outputs: readonly ModelTensor[] = NOTHING;
  run: BatchRun | undefined;
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
  /** What went wrong, if anything did; and what the policy of the endpoint lets be recorded of it. */
  cause: unknown;
  error: string | undefined;
  errorCode: string | undefined;
  readonly shadow: boolean | undefined;
  readonly request: InferenceRequest;
  private readonly reply: Reply;
  private answerId: string | undefined;
  private wanted: readonly string[] | undefined;

  constructor(
    private readonly parts: PredictionParts,
    readonly chosen: ChosenRoute,
    asking: { readonly request: InferenceRequest; readonly deadline: number; readonly reply: Reply },
  ) {
    const { request, deadline, reply } = asking;
    this.request = request;
    this.deadline = deadline;
    this.reply = reply;
    this.plan = chosen.served.plan;
    this.route = chosen.route;
    this.shadow = chosen.route.shadow;
    this.caller = request.caller.keyId;
    this.since = request.since;
    // The calendar's clock gives whole milliseconds, rounded down: no more than whole ones are taken from it, or it
    // would say that a request came before its caller sent it.
    const waited = Math.floor(performance.now() - request.since);
    this.receivedAt = Date.now() - waited;
    this.eventTime = this.receivedAt;
    // A trace that nobody keeps gets no ids.
    const trace = request.trace?.isSampled === false ? undefined : (request.trace ?? traceHeaders());
    this.traceparent = trace?.traceparent;
    this.tracestate = trace?.tracestate;
  }

  get rows(): number {
    return this.inputs[0] ? (this.inputs[0].shape[0] ?? 1) : 0;
  }

  start(): void {
    const overload = this.chosen.model.refusal(this.since, this.deadline);
    if (overload) return this.shed(overload);
    try {
      refuseUncleared(this.request.caller, this.plan);
      this.take(this.request.read(this.route, this.chosen.model.arena));
    } catch (error) {
      this.cause = error;
      this.readAt = performance.now();
      return this.record();
    }
    this.readAt = performance.now();
    this.chosen.model.submit(this);
    this.parts.shadows.copy(this);
  }

  succeed(outputs: readonly ModelTensor[], run: BatchRun): void {
    this.outputs = outputs;
    this.run = run;
    this.record();
  }

  fail(error: unknown): void {
    this.cause = error instanceof ServiceError ? error : runFailed(error);
    // What was refused since there is too much to do must not make more to do.
    if (this.cause instanceof ServiceError && SHED.includes(this.cause.status)) this.shed(this.cause);
    else this.record();
  }

  private take(question: InferenceQuestion): void {
    this.requestId =
      question.id === undefined || question.id.length <= MAX_ID ? question.id : question.id.slice(0, MAX_ID);
    this.answerId = question.id;
    const timeoutUs = question.parameters?.['timeout'];
    if (typeof timeoutUs === 'number' && timeoutUs > 0) {
      this.deadline = Math.min(this.deadline, this.since + timeoutUs / 1000);
    }
    if (question.at !== undefined) this.eventTime = question.at;
    if (question.eventTime !== undefined) {
      this.eventTime = Date.parse(eventTimeOf(question.eventTime, this.plan.policy, new Date(this.receivedAt)));
    }
    this.inputs = question.inputs;
    if (this.chosen.model.hasRows) refuseUnequalRows(question.inputs);
    this.wanted = checkedOutputs(this.route, question.outputs);
  }

  private record(): void {
    this.recordAt = performance.now();
    this.latencyMs = this.recordAt - this.since;
    this.parts.recorder.record(this, () => this.finish());
  }

  private shed(cause: ServiceError): void {
    this.cause = cause;
    this.readAt ||= this.since;
    this.recordAt = performance.now();
    this.finish();
  }

  private finish(): void {
    this.parts.metrics.finished(this);
    if (this.cause !== undefined) return this.reply.failed(this.cause);
    const { prediction, route, answerId: id, wanted, outputs: all } = this;
    const outputs = wanted ? wanted.flatMap((name) => all.filter((output) => output.name === name)) : all;
    this.reply.answered({ prediction, route, id, outputs });
  }
}

/** Undefined for all of them. @throws ServiceError 400 naming an output that the model does not have */
function checkedOutputs({ outputs }: Route, wanted: readonly string[] = []): readonly string[] | undefined {
  if (wanted.length === 0) return undefined;
  const names = outputs.map(({ name }) => name);
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw invalidField('outputs', `"${unknown}" is no output of the model: it has ${names.join(', ')}`);
  }
  return [...new Set(wanted)];
}
