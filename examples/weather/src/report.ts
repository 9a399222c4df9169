import type { WindowResponse } from '@baton/client';
import type { ReceivedSpan } from '@baton/telemetry';
import Table from 'cli-table3';
import { setTimeout as pause } from 'node:timers/promises';
import { servicesOf } from './trace-tree.js';

const platformServices = ['registry', 'deployment', 'inference', 'monitoring'];

/** One row a month: what was asked, and what had moved away from the winters it was trained on. */
export function monthsTable(windows: readonly WindowResponse[]): string {
  const table = new Table({ head: ['month', 'predictions', 'p50 ms', 'drifted'], style: { head: [], border: [] } });
  for (const window of windows) {
    const [version] = window.versions;
    const drifted = window.driftedFeatures.join(', ') || '–';
    table.push([window.start.slice(0, 7), version?.predictions ?? 0, version?.latencyP50Ms?.toFixed(2) ?? '', drifted]);
  }
  return table.toString();
}

/** Everything that drifted in any window, in alphabetical order. */
export function driftedFeatures(windows: readonly WindowResponse[]): string[] {
  return [...new Set(windows.flatMap((window) => window.driftedFeatures))].sort();
}

/** The spans of a trace, as soon as every service has sent some and the drift is among them. */
export async function completeTrace(tracesUrl: string, traceId: string): Promise<ReceivedSpan[]> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await fetch(new URL(`/traces/${traceId}`, tracesUrl));
    const { spans } = (await answer.json()) as { spans: ReceivedSpan[] };
    const services = servicesOf(spans);
    const missing = platformServices.filter((service) => !services.includes(service));
    const drift = spans.some((span) => span.name.includes('drift.detected'));
    if (missing.length === 0 && drift) return spans;
    if (Date.now() > deadline) {
      throw new Error(`the trace ${traceId} lacks ${[...missing, ...(drift ? [] : ['drift.detected'])].join(', ')}`);
    }
    await pause(250);
  }
}
