import { createLogger } from '@baton/telemetry';
import type { ModelTensor } from '../runtime/tensors.js';
import type { PredictionEntry } from './prediction-entry.js';
import { ruleOf, RecordedRoutes, type RecordedRoute, type TensorRule } from './recorded-route.js';
import type { SpoolGroup } from './spool-group.js';
import { encodeTensor } from './tensor-encoding.js';
import { ValueHashes } from './value-hashes.js';

const log = createLogger('prediction-log');
/** Bytes of values; a prediction with more is kept without them, since Kafka would not take it. */
const MAX_BYTES = 7_000_000;
/** Values that are looked at one by one; more would hold the event loop for longer than a tenth of a second. */
const MAX_SINGLE_VALUES = 40_000;

/** What of the optional parts a record has. */
export const HAS_REQUEST_ID = 1;
export const HAS_ERROR = 2;
export const HAS_TRACEPARENT = 4;
export const HAS_TRACESTATE = 8;
export const IS_SHADOW = 16;
export const HAS_ERROR_CODE = 32;

/** Writes predictions as the policy of their endpoint lets them be recorded. */
export class PredictionEncoder {
  private readonly routes: RecordedRoutes;
  private readonly options: { readonly hashes: ValueHashes; withValues: boolean };

  constructor(replica: string, hashKey: Buffer) {
    this.routes = new RecordedRoutes(replica);
    this.options = { hashes: new ValueHashes(hashKey), withValues: true };
  }

  encode(entry: PredictionEntry, group: SpoolGroup): void {
    const route = this.routes.of(entry.plan, entry.route);
    group.use(route);
    writeFacts(entry, route, group);
    this.options.withValues = mayHaveValues(entry, route);
    this.writeTensors(entry.inputs, route.inputs, route, group);
    this.writeTensors(entry.outputs, route.outputs, route, group);
  }

  private writeTensors(
    tensors: readonly ModelTensor[],
    rules: readonly TensorRule[],
    route: RecordedRoute,
    { buffer }: SpoolGroup,
  ): void {
    buffer.u32(tensors.length);
    for (let index = 0; index < tensors.length; index += 1) {
      const tensor = tensors[index] as ModelTensor;
      encodeTensor(buffer, tensor, ruleOf(rules, index, tensor.name, route.policy), this.options);
    }
  }
}

function writeFacts(entry: PredictionEntry, route: RecordedRoute, { buffer }: SpoolGroup): void {
  const { requestId, error, errorCode, traceparent, tracestate } = entry;
  let parts = entry.shadow ? IS_SHADOW : 0;
  // An empty id is none, an empty error is one all the same.
  if (requestId) parts |= HAS_REQUEST_ID;
  if (error !== undefined) parts |= HAS_ERROR;
  if (errorCode) parts |= HAS_ERROR_CODE;
  if (traceparent) parts |= HAS_TRACEPARENT;
  if (tracestate) parts |= HAS_TRACESTATE;
  buffer.u32(route.number);
  buffer.u32(parts);
  buffer.f64(entry.receivedAt);
  buffer.f64(entry.eventTime);
  buffer.f64(entry.latencyMs);
  buffer.u32(entry.rows);
  buffer.text(entry.prediction);
  buffer.text(entry.caller);
  if (requestId) buffer.text(requestId);
  if (error !== undefined) buffer.text(error);
  if (errorCode) buffer.text(errorCode);
  if (traceparent) buffer.text(traceparent);
  if (tracestate) buffer.text(tracestate);
}

function mayHaveValues(entry: PredictionEntry, route: RecordedRoute): boolean {
  const bytes = bytesOf(entry.inputs) + bytesOf(entry.outputs);
  const values = route.hasSingleValues ? valuesOf(entry.inputs) + valuesOf(entry.outputs) : 0;
  if (bytes <= MAX_BYTES && values <= MAX_SINGLE_VALUES) return true;
  const { prediction, plan } = entry;
  const facts = { prediction, endpoint: plan.endpoint, bytes, ...(values > 0 ? { values } : {}) };
  log.warn('a prediction is too large to be logged with its values', facts);
  return false;
}

function valuesOf(tensors: readonly ModelTensor[]): number {
  return tensors.reduce((sum, { data }) => sum + data.length, 0);
}

function bytesOf(tensors: readonly ModelTensor[]): number {
  let bytes = 0;
  for (const { data } of tensors) {
    if (!Array.isArray(data)) bytes += data.byteLength;
    else for (const text of data) bytes += text.length;
  }
  return bytes;
}
