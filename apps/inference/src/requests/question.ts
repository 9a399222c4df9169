import type { Route } from '@baton/contracts';
import type { ModelTensor } from '../runtime/tensors.js';

/** Parameters of a request, by name: as JSON or gRPC had them. */
export type Parameters = Readonly<Record<string, unknown>>;

/** What is asked, without a word of how it travelled. */
export interface Question {
  /** The caller's own id of the request. */
  readonly id?: string | undefined;
  /** The caller's `event_time`. */
  readonly eventTime?: unknown;
  readonly inputs: readonly ModelTensor[];
  /** Names of the outputs to answer with, in this order; absent or empty for all. */
  readonly outputs?: readonly string[] | undefined;
  readonly parameters?: Parameters | undefined;
}

/** What is answered. */
export interface Answer {
  /** UUIDv7 of the prediction: what `GET /v1/predictions/{id}` of the monitoring service finds. */
  readonly prediction: string;
  readonly route: Route;
  readonly id?: string | undefined;
  readonly outputs: readonly ModelTensor[];
}

/** An output that the caller named, and how it is to come. */
export interface RequestedOutput {
  readonly name: string;
  /** As raw bytes; where it is not said, the request's own default holds. */
  readonly isBinary?: boolean | undefined;
  /** As the names of this many classes of greatest value. */
  readonly classes?: number | undefined;
}
