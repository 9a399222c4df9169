import { Counter, Gauge, Histogram, collectDefaultMetrics, register } from 'prom-client';
import { openMetrics, openMetricsType, wantsOpenMetrics, type MetricWithValues } from './open-metrics.js';

let defaults = false;

/** A number that only grows. Asking again for a name gives the same one. */
export function counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
  return existing(name, Counter) ?? new Counter({ name, help, labelNames: [...labelNames] });
}

/** A number that goes up and down; `collect` sets it when it is asked for. */
export function gauge(
  name: string,
  help: string,
  labelNames: readonly string[] = [],
  collect?: (this: Gauge) => void | Promise<void>,
): Gauge {
  if (collect) register.removeSingleMetric(name);
  return (
    existing(name, Gauge) ?? new Gauge({ name, help, labelNames: [...labelNames], ...(collect ? { collect } : {}) })
  );
}

export interface HistogramOptions {
  readonly labels?: readonly string[];
  /** Upper bounds, in the unit that the name ends with. */
  readonly buckets?: readonly number[];
}

/** A distribution. */
export function histogram(name: string, help: string, { labels = [], buckets }: HistogramOptions = {}): Histogram {
  const options = { name, help, labelNames: [...labels], ...(buckets ? { buckets: [...buckets] } : {}) };
  return existing(name, Histogram) ?? new Histogram(options);
}

/** Everything in Prometheus' text format, or in OpenMetrics with exemplars when the `Accept` header asks for that. */
export async function renderMetrics(accept?: string): Promise<{ contentType: string; body: string }> {
  if (!defaults) collectDefaultMetrics();
  defaults = true;
  if (!wantsOpenMetrics(accept)) return { contentType: register.contentType, body: await register.metrics() };
  // Declared without the types' names and the values' exemplars, which it has.
  const metrics = (await register.getMetricsAsJSON()) as unknown as MetricWithValues[];
  return { contentType: openMetricsType, body: openMetrics(metrics) };
}

function existing<M>(name: string, kind: abstract new (...args: never[]) => M): M | undefined {
  const metric: unknown = register.getSingleMetric(name);
  return metric instanceof kind ? metric : undefined;
}
