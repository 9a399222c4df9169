import type { Route, ServingPlan } from '@baton/contracts';
import type { ModelTensor } from '../runtime/tensors.js';

/** What is to be written of one prediction. */
export interface PredictionEntry {
  /** Plan and route are the same objects for all predictions of a route: what they say is written once a segment. */
  readonly plan: ServingPlan;
  readonly route: Route;
  /** UUIDv7; the event on Kafka has the same id, so a shadow's prediction has one of its own. */
  readonly prediction: string;
  /** Key id. */
  readonly caller: string;
  readonly requestId?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** Milliseconds since the epoch. */
  readonly eventTime: number;
  readonly latencyMs: number;
  /** Why it failed, without what the policy does not let be logged. */
  readonly error?: string | undefined;
  /** The error's code, which tells no value. */
  readonly errorCode?: string | undefined;
  readonly rows: number;
  readonly inputs: readonly ModelTensor[];
  readonly outputs: readonly ModelTensor[];
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
  readonly shadow?: boolean | undefined;
}
