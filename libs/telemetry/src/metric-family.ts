import { register, type Metric } from 'prom-client';

/** A number of the moment, with its labels. */
export interface NumberSample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** A request that a bucket counted. */
export interface Exemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timestampSeconds: number;
}

export interface HistogramSample {
  readonly labels: Readonly<Record<string, string | number>>;
  /** Upper bounds, ascending, without +Inf, in the unit that the name ends with. */
  readonly bounds: readonly number[];
  /** How many fell into each bucket alone (not cumulative); the last, one more than there are bounds, is +Inf. */
  readonly buckets: ArrayLike<number>;
  readonly sum: number;
  readonly count: number;
  /** By bucket; shown in OpenMetrics only. */
  readonly exemplars?: readonly (Exemplar | undefined)[];
}

interface Described {
  /** Of a counter it ends with `_total`. */
  readonly name: string;
  readonly help: string;
}

export type MetricFamilyOptions =
  | (Described & { readonly type: 'counter' | 'gauge' | 'summary'; collect(): Iterable<NumberSample> })
  | (Described & { readonly type: 'histogram'; collect(): Iterable<HistogramSample> });

/** A line of an exposition, as prom-client's metrics give it. */
export interface MetricValue {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly exemplar?: {
    readonly labelSet: Readonly<Record<string, string>>;
    readonly value: number;
    readonly timestamp: number;
  } | null;
}

/** What prom-client's registry asks of a metric. */
class MetricFamily {
  readonly aggregator = 'sum';

  constructor(private readonly options: MetricFamilyOptions) {}

  get name(): string {
    return this.options.name;
  }

  get help(): string {
    return this.options.help;
  }

  get type(): string {
    return this.options.type;
  }

  get() {
    const { name, help, type } = this;
    return Promise.resolve({ name, help, type, aggregator: this.aggregator, values: this.values() });
  }

  /** The numbers are their owner's. */
  reset(): void {
    return;
  }

  private values(): MetricValue[] {
    const { options } = this;
    if (options.type !== 'histogram') return [...options.collect()];
    return [...options.collect()].flatMap((sample) => valuesOf(options.name, sample));
  }
}

/**
 * Metrics whose numbers somebody else keeps, as plainly as suits him, and hands over when they are asked for. Whoever
 * came last under a name is asked.
 */
export function metricFamily(options: MetricFamilyOptions): void {
  if (options.type === 'counter' && !options.name.endsWith('_total')) {
    throw new Error(`the counter ${options.name} must be called ${options.name}_total`);
  }
  register.removeSingleMetric(options.name);
  // Its types only know its own classes; it asks for no more than these methods.
  register.registerMetric(new MetricFamily(options) as unknown as Metric);
}

function valuesOf(name: string, { labels, bounds, buckets, sum, count, exemplars }: HistogramSample): MetricValue[] {
  let below = 0;
  const lines = [...bounds, '+Inf'].map((le, index): MetricValue => {
    below += buckets[index] ?? 0;
    const exemplar = exemplars?.[index];
    return {
      metricName: `${name}_bucket`,
      labels: { ...labels, le },
      value: below,
      ...(exemplar ? { exemplar: lineOf(exemplar) } : {}),
    };
  });
  return [
    ...lines,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}

function lineOf({ labels, value, timestampSeconds }: Exemplar): NonNullable<MetricValue['exemplar']> {
  return { labelSet: labels, value, timestamp: timestampSeconds };
}
