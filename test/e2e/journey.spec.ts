import type { BatonClient, VersionResponse, WindowResponse } from '@baton/client';
import { shutdownTelemetry, startTelemetry, traceHeaders, withSpan, type ReceivedSpan } from '@baton/telemetry';
import { waitFor } from '@baton/testing';
import { closedWindows, deploy, predict, push } from '@baton/weather/journey';
import { hire, type People } from '@baton/weather/people';
import { completeTrace } from '@baton/weather/report';
import { train } from '@baton/weather/training';
import { daysBetween, seattleDays, winterDays } from '@baton/weather/weather';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPlatform, type TestPlatform } from '../support/test-platform.js';

let running: TestPlatform;
let client: BatonClient;
let people: People;
let version: VersionResponse;
let windows: WindowResponse[];
let predictions: string[];
let spans: ReceivedSpan[];

/** The whole first journey, on one trace. */
async function journey(): Promise<string> {
  const folder = join(running.home, 'model');
  train(winterDays(seattleDays(), '2015-01-01'), folder);
  people = await hire(client);
  return withSpan('journey', {}, async () => {
    version = await push(people, folder, running.home);
    await people.approver.registry.approve(version.model, version.version);
    const deployment = await deploy(people, version);
    const days = daysBetween(seattleDays(), '2015-06', '2015-08');
    predictions = await predict(people, deployment.endpoint, days, () => undefined);
    windows = await closedWindows(people, deployment.endpoint, predictions.length);
    return String(traceHeaders().traceparent?.split('-')[1]);
  });
}

beforeAll(async () => {
  running = await startTestPlatform();
  client = running.client;
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = client.connection.traces;
  await startTelemetry('journey');
  const traceId = await journey();
  await shutdownTelemetry();
  spans = await completeTrace(client.connection.traces, traceId);
}, 240_000);

afterAll(async () => {
  delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  await running?.stop();
});

describe('push, approve, deploy, predict, watch', () => {
  it('closes a window for each month and sees summer as drift', () => {
    expect(windows.map((window) => window.start.slice(0, 7))).toEqual(['2015-06', '2015-07']);
    expect(windows.map((window) => window.versions[0]?.predictions)).toEqual([30, 31]);
    for (const window of windows) expect(window.driftedFeatures).toContain('temp_max');
  });

  it('answers for a prediction: bytes, author, approver, deployment', async () => {
    const found = await people.auditor.monitoring.prediction(String(predictions[0]));
    expect(found).toMatchObject({
      digest: version.digest,
      version: version.version,
      outcome: 'ok',
      rows: 1,
      eventTime: expect.stringContaining('2015-06-01') as unknown,
    });
    expect(found.registeredBy).toBe(version.author);
    expect(found.approvedBy).toBeTruthy();
    expect(found.approvedBy).not.toBe(found.registeredBy);
  });

  it('is one trace with spans of all four services', () => {
    const services = new Set(spans.map((span) => span.service));
    for (const service of ['registry', 'deployment', 'inference', 'monitoring']) expect(services).toContain(service);
  });

  it('links every Kafka hop: each consumer span hangs on a producer span of the trace', () => {
    const producers = new Set(spans.filter((span) => span.kind === 'producer').map((span) => span.spanId));
    const consumers = spans.filter((span) => span.kind === 'consumer');
    expect(consumers.length).toBeGreaterThan(3);
    for (const consumer of consumers) {
      const before = [consumer.parentSpanId, ...consumer.links.map((link) => link.spanId)];
      expect(
        before.some((id) => id !== undefined && producers.has(id)),
        `${consumer.service} ${consumer.name}`,
      ).toBe(true);
    }
    const topics = new Set(
      spans.filter((s) => s.kind === 'producer').map((s) => s.attributes['messaging.destination.name']),
    );
    for (const topic of ['model.registered', 'model.approved', 'serving.plan', 'prediction.logged', 'drift.detected']) {
      expect(topics).toContain(topic);
    }
  });

  it('deploys another version and goes on answering while it does', async () => {
    const endpoint = `weather-${version.version}`;
    const folder = join(running.home, 'model');
    train(winterDays(seattleDays(), '2014-01-01'), folder);
    const next = await push(people, folder, running.home);
    await people.approver.registry.approve(next.model, next.version);
    const row = { precipitation: 0, temp_max: 20, temp_min: 10, wind: 2 };
    const answered: number[] = [];
    const asked = await waitFor(
      async () =>
        people.operator.deployment
          .deploy(endpoint, { model: next.model, version: next.version })
          .catch(() => undefined),
      { what: 'the approval to arrive' },
    );
    const finished = people.operator.deployment.finished(asked.deployment);
    let done = false;
    void finished.finally(() => {
      done = true;
    });
    while (!done) answered.push((await people.service.inference.predict(endpoint, [row])).version);
    expect((await finished).status).toBe('completed');
    expect(new Set(answered).size).toBeLessThanOrEqual(2);
    expect((await people.service.inference.predict(endpoint, [row])).version).toBe(next.version);
  });
});
