import type { PredictionLogged, TensorRecord } from '@baton/contracts';
import { addValue, emptySummary, mergeSummaries, type FeatureSummary } from '../drift/feature-summary.js';
import type { FeatureColumn } from './feature-columns.js';
import { addLatency, mergeLatencies, type LatencyHistogram } from './latency-histogram.js';

/** What a window keeps of one feature, and the reference column it is held against. */
export interface FeatureState {
  name: string;
  role: 'input' | 'output';
  kind: 'numeric' | 'categorical';
  column?: string;
  summary: FeatureSummary;
}

/** The prediction whose trace the window goes on with: the first in event time. */
export interface FirstTrace {
  eventTime: string;
  prediction: string;
  traceparent: string;
  tracestate?: string;
}

/**
 * What one partition of the log adds to a window for one version. Values are added one by one in the order of the log,
 * so the state doesn't depend on how the log was cut into batches; states of several partitions merge.
 */
export interface WindowState {
  predictions: number;
  failures: number;
  rows: number;
  latency: LatencyHistogram;
  features: Record<string, FeatureState>;
  trace?: FirstTrace;
  /** The same of what it answered as a shadow: nobody got that, so it is kept apart. */
  shadow?: WindowState;
}

export function emptyState(): WindowState {
  return { predictions: 0, failures: 0, rows: 0, latency: {}, features: {} };
}

/** A prediction with the trace it was made on. */
export interface TracedPrediction {
  data: PredictionLogged;
  traceparent?: string;
  tracestate?: string;
}

/** Adds one prediction; changes the state. Only answered predictions tell about latency and features. */
export function addPrediction(state: WindowState, event: TracedPrediction, columns: readonly FeatureColumn[]): void {
  const { data } = event;
  state.trace = earlier(state.trace, traceOf(event));
  count(data.shadow ? (state.shadow ??= emptyState()) : state, data, columns);
}

function count(state: WindowState, data: PredictionLogged, columns: readonly FeatureColumn[]): void {
  state.predictions += 1;
  if (data.outcome === 'failed') {
    state.failures += 1;
    return;
  }
  state.rows += data.rows;
  addLatency(state.latency, data.latencyMs);
  const tensors = { input: byName(data.inputs), output: byName(data.outputs) };
  for (const column of columns) addColumn(state, tensors[column.role].get(column.tensor), column);
}

/** The state of both streams. */
export function mergeStates(a: WindowState, b: WindowState): WindowState {
  const features = { ...a.features };
  for (const [key, other] of Object.entries(b.features)) {
    const own = features[key];
    features[key] = own ? { ...own, summary: mergeSummaries(own.summary, other.summary) } : other;
  }
  return {
    predictions: a.predictions + b.predictions,
    failures: a.failures + b.failures,
    rows: a.rows + b.rows,
    latency: mergeLatencies(a.latency, b.latency),
    features,
    trace: earlier(a.trace, b.trace),
    shadow: a.shadow && b.shadow ? mergeStates(a.shadow, b.shadow) : (a.shadow ?? b.shadow),
  };
}

function addColumn(state: WindowState, tensor: TensorRecord | undefined, column: FeatureColumn): void {
  const { key, profile, index, width } = column;
  const feature = (state.features[key] ??= emptyFeature(column));
  const data = tensor?.data;
  if (!data || data.length % width !== 0) return;
  // A state that was begun without the reference has no cells for it.
  const cells = feature.column === profile?.name ? profile : undefined;
  for (let at = index; at < data.length; at += width) addValue(feature.summary, data[at], cells);
}

function emptyFeature({ name, role, kind, profile }: FeatureColumn): FeatureState {
  return { name, role, kind, column: profile?.name, summary: emptySummary(profile) };
}

function byName(tensors: readonly TensorRecord[]): Map<string, TensorRecord> {
  return new Map(tensors.map((tensor) => [tensor.name, tensor]));
}

function traceOf({ data, traceparent, tracestate }: TracedPrediction): FirstTrace | undefined {
  return traceparent
    ? { eventTime: new Date(data.eventTime).toISOString(), prediction: data.prediction, traceparent, tracestate }
    : undefined;
}

/** By event time, then by id: the same whatever the order of arrival. */
function earlier(a: FirstTrace | undefined, b: FirstTrace | undefined): FirstTrace | undefined {
  if (!a || !b) return a ?? b;
  const order = Date.parse(a.eventTime) - Date.parse(b.eventTime);
  return order < 0 || (order === 0 && a.prediction <= b.prediction) ? a : b;
}
