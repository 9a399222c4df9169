import type { PredictionLogged } from '@baton/contracts';
import type { OutgoingEvent } from '@baton/messaging';
import { ByteReader } from './byte-reader.js';
import {
  HAS_ERROR,
  HAS_ERROR_CODE,
  HAS_REQUEST_ID,
  HAS_TRACEPARENT,
  HAS_TRACESTATE,
  IS_SHADOW,
} from './prediction-encoder.js';
import type { RouteContext } from './recorded-route.js';
import { decodeTensor } from './tensor-encoding.js';

/** A prediction as Kafka gets it. */
export type PredictionEvent = OutgoingEvent<'prediction.logged'> & { data: PredictionLogged };

/**
 * @param contextOf by its number, from the record's own segment
 * @returns undefined for a record that is lost: it is empty, or what it refers to is
 */
export function decodePrediction(
  { sequence, body }: { readonly sequence: number; readonly body: Buffer },
  contextOf: (number: number) => RouteContext | undefined,
): PredictionEvent | undefined {
  if (body.length === 0) return undefined;
  const reader = new ByteReader(body);
  const context = contextOf(reader.u32());
  if (!context) return undefined;
  const parts = reader.u32();
  const [receivedAt, eventTime, latencyMs] = [reader.f64(), reader.f64(), reader.f64()];
  const rows = reader.u32();
  const [prediction, caller] = [reader.text(), reader.text()];
  const optional = (part: number) => (parts & part ? reader.text() : undefined);
  const requestId = optional(HAS_REQUEST_ID);
  const error = optional(HAS_ERROR);
  const errorCode = optional(HAS_ERROR_CODE);
  const traceparent = optional(HAS_TRACEPARENT);
  const tracestate = optional(HAS_TRACESTATE);
  const { inputs, outputs, features: _, ...same } = context;
  return {
    type: 'prediction.logged',
    id: prediction,
    time: isoTime(receivedAt + latencyMs),
    source: `baton/inference/${context.replica}`,
    correlationid: context.deployment,
    ...(traceparent ? { traceparent } : {}),
    ...(tracestate ? { tracestate } : {}),
    data: {
      prediction,
      ...(requestId === undefined ? {} : { requestId }),
      ...same,
      sequence,
      caller,
      receivedAt: isoTime(receivedAt),
      eventTime: isoTime(eventTime),
      latencyMs: Math.round(latencyMs * 1000) / 1000,
      outcome: error === undefined ? 'ok' : 'failed',
      ...(error === undefined ? {} : { error }),
      ...(errorCode === undefined ? {} : { errorCode }),
      rows,
      ...(parts & IS_SHADOW ? { shadow: true } : {}),
      inputs: Array.from({ length: reader.u32() }, () => decodeTensor(reader, inputs)),
      outputs: Array.from({ length: reader.u32() }, () => decodeTensor(reader, outputs)),
    },
  };
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
