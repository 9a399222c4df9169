import type { MetricValue } from './metric-family.js';

export const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** A metric with its values, as prom-client's registry gives them. */
export interface MetricWithValues {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly MetricValue[];
}

/** Whether the caller asked for OpenMetrics; Prometheus lists it first, and everybody else does not list it. */
export function wantsOpenMetrics(accept: string | undefined): boolean {
  return accept?.includes('application/openmetrics-text') ?? false;
}

/**
 * OpenMetrics 1.0. Of our own, since prom-client's writer renames its counters for good, and one process has to answer
 * in both formats.
 */
export function openMetrics(metrics: readonly MetricWithValues[]): string {
  return `${metrics.flatMap(linesOf).join('\n')}\n# EOF\n`;
}

function linesOf({ name, help, type, values }: MetricWithValues): string[] {
  const isCounter = type === 'counter';
  const family = isCounter ? name.replace(/_total$/, '') : name;
  return [
    `# TYPE ${family} ${type}`,
    `# HELP ${family} ${escape(help)}`,
    ...values.map((value) => lineOf(isCounter ? `${family}_total` : (value.metricName ?? name), value)),
  ];
}

function lineOf(name: string, { labels, value, exemplar }: MetricValue): string {
  const line = `${name}${labelsOf(labels)} ${numberOf(value)}`;
  if (!exemplar) return line;
  return `${line} # ${labelsOf(exemplar.labelSet) || '{}'} ${numberOf(exemplar.value)} ${exemplar.timestamp}`;
}

function labelsOf(labels: MetricValue['labels']): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${labelOf(name, value)}"`);
  return parts.length > 0 ? `{${parts.join(',')}}` : '';
}

/** Bounds are written as floating-point numbers, so that both formats' series are told apart from integers' (§ 4.6.4). */
function labelOf(name: string, value: string | number): string {
  if (typeof value === 'string') return escape(value);
  const isWholeBound = (name === 'le' || name === 'quantile') && Number.isInteger(value);
  return isWholeBound ? value.toFixed(1) : String(value);
}

function numberOf(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}

function escape(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"');
}
