import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from './latency-histogram.js';
import { loopDelay } from './loop-delay.js';
import { metricFamily } from './metric-family.js';
import { counter, histogram, renderMetrics } from './metrics.js';

const ACCEPT = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3';
const LINE = /^([a-z_:][\w:]*)(\{.*?\})? (\S+)( # (\{.*?\}) (\S+) (\d+(\.\d+)?))?$/i;
const TYPES = ['counter', 'gauge', 'histogram', 'summary'];

/** Samples by name and labels, after everything that a reader of OpenMetrics insists on. */
function parse(body: string): Map<string, { value: number; exemplar: string | undefined }> {
  expect(body.endsWith('\n# EOF\n')).toBe(true);
  const families = new Map<string, string>();
  const samples = new Map<string, { value: number; exemplar: string | undefined }>();
  let [family, type] = ['', ''];
  for (const line of body.split('\n').slice(0, -2)) {
    if (line.startsWith('# TYPE ')) {
      [family, type] = line.slice(7).split(' ') as [string, string];
      expect(families.has(family), `${family} comes twice`).toBe(false);
      expect(TYPES).toContain(type);
      families.set(family, type);
    } else if (line.startsWith('# HELP ')) {
      expect(line.split(' ')[2]).toBe(family);
    } else {
      const [, name = '', labels = '', value, exemplar] = LINE.exec(line) ?? [];
      expect(name, line).toMatch(new RegExp(`^${family}${suffixOf(type)}$`));
      expect(value === 'NaN' || value === '+Inf' || !Number.isNaN(Number(value)), line).toBe(true);
      expect(samples.has(name + labels), `${name}${labels} comes twice`).toBe(false);
      samples.set(name + labels, { value: Number(value), exemplar: exemplar?.slice(3) });
    }
  }
  return samples;
}

function suffixOf(type: string): string {
  if (type === 'counter') return '_total';
  if (type === 'histogram') return '_(bucket|sum|count)';
  return type === 'summary' ? '(_sum|_count)?' : '';
}

describe('a family of metrics', () => {
  it('is asked for its numbers at each scrape, in both formats', async () => {
    let asked = 0;
    const collect = () => [{ labels: { kind: 'a"b\n' }, value: ++asked }];
    metricFamily({ name: 'test_asked_total', help: 'Times', type: 'counter', collect });
    expect((await renderMetrics()).body).toContain(
      '# TYPE test_asked_total counter\ntest_asked_total{kind="a\\"b\\n"} 1',
    );
    const { contentType, body } = await renderMetrics(ACCEPT);
    expect(contentType).toContain('application/openmetrics-text; version=1.0.0');
    expect(body).toContain('# TYPE test_asked counter\n# HELP test_asked Times\ntest_asked_total{kind="a\\"b\\n"} 2\n');
    expect((await renderMetrics('text/html, */*')).body).toContain('test_asked_total{kind="a\\"b\\n"} 3');
  });

  it('is well-formed OpenMetrics beside all others', async () => {
    counter('test_plain_total', 'Plain').inc(5);
    histogram('test_plain_seconds', 'Plain', { labels: ['kind'], buckets: [0.5, 1] })
      .labels('x')
      .observe(0.75);
    loopDelay.watch();
    const samples = parse((await renderMetrics(ACCEPT)).body);
    expect(samples.get('test_plain_total')?.value).toBe(5);
    expect(samples.get('test_plain_seconds_bucket{le="1.0",kind="x"}')?.value).toBe(1);
    expect(samples.has('process_cpu_seconds_total')).toBe(true);
  });

  it('that counts must say so by its name', () => {
    expect(() => metricFamily({ name: 'test_bare', help: 'x', type: 'counter', collect: () => [] })).toThrow(/_total/);
  });
});

describe('a histogram of latencies', () => {
  const latencies = new LatencyHistogram();
  metricFamily({
    name: 'test_latency_seconds',
    help: 'Time',
    type: 'histogram',
    collect: () => [latencies.sample({ endpoint: 'e' })],
  });
  const bucket = (le: string) => `test_latency_seconds_bucket{endpoint="e",le="${le}"}`;

  it('counts by bucket, with the last sampled request as its exemplar', async () => {
    const traceId = 'a'.repeat(32);
    latencies.observe(0.02);
    latencies.observe(0.1, { isSampled: true, traceId: 'b'.repeat(32) }, 1_760_000_000_000);
    latencies.observe(0.0625, { isSampled: true, traceId }, 1_760_000_001_500);
    latencies.observe(0.08, { isSampled: false, traceId: 'c'.repeat(32) });
    latencies.observe(60_000);
    const samples = parse((await renderMetrics(ACCEPT)).body);
    expect(samples.get(bucket('0.00005'))).toEqual({ value: 1, exemplar: undefined });
    expect(samples.get(bucket('0.0001'))).toEqual({
      value: 4,
      exemplar: `{trace_id="${traceId}"} 0.0000625 1760000001.5`,
    });
    expect(samples.get(bucket('30.0'))?.value).toBe(4);
    expect(samples.get(bucket('+Inf'))?.value).toBe(5);
    expect(samples.get('test_latency_seconds_count{endpoint="e"}')?.value).toBe(5);
    expect(samples.get('test_latency_seconds_sum{endpoint="e"}')?.value).toBeCloseTo(60.0002625, 9);
    expect((await renderMetrics()).body).toContain(`${bucket('0.0001')} 4\n`);
  });
});

describe('the delay of the event loop', () => {
  it('is seen', async () => {
    loopDelay.watch();
    await new Promise((done) => setTimeout(done, 30));
    const until = performance.now() + 60;
    while (performance.now() < until);
    await new Promise((done) => setTimeout(done, 30));
    expect(loopDelay.quantileMs(1)).toBeGreaterThan(40);
    const samples = parse((await renderMetrics(ACCEPT)).body);
    expect(samples.get('event_loop_delay_seconds{quantile="1.0"}')?.value).toBeGreaterThan(0.04);
  });
});
