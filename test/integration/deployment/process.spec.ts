import type { BatonEvent } from '@baton/contracts';
import { generateSigningKey } from '@baton/signing';
import { TraceReceiver, type ReceivedSpan } from '@baton/telemetry';
import { collectEvents, testDatabase, testKafka, testKeys, waitFor } from '@baton/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { FakeReplica } from './fake-replica.js';
import { registryKey, Voice } from './registry-voice.js';

const dist = new URL('../../../apps/deployment/dist/', import.meta.url);
const ROUTE = '/v1/endpoints/:endpoint/deployments';
const LISTENING = /"url":"(http:[^"]+)"/;

function run(script: string, env: Record<string, string>): ChildProcess {
  const { PATH = '' } = process.env;
  return spawn(process.execPath, [fileURLToPath(new URL(script, dist))], {
    env: { PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** What the process says as its address. */
async function addressOf(child: ChildProcess): Promise<string> {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += String(chunk)));
  const url = await waitFor(async () => Promise.resolve(LISTENING.exec(said)?.[1]), { what: () => `address: ${said}` });
  await waitFor(async () => ((await fetch(`${url}/readyz`)).ok ? true : undefined), { what: () => `ready: ${said}` });
  return url;
}

const traceOf = ({ traceparent }: BatonEvent) => traceparent?.split('-')[1];

it('as a process: migrates, survives a kill in the middle of a rollout, keeps to one trace, stops when told', async () => {
  const [database, kafka, traces] = [await testDatabase('deployment'), await testKafka(), await TraceReceiver.start()];
  const folder = mkdtempSync(join(tmpdir(), 'baton-deployment-'));
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const keys = await testKeys(kafka);
  const voice = new Voice(kafka);
  const events = collectEvents(kafka, ['serving.plan', 'deployment.completed', 'deployment.progressed']);
  const env = {
    DATABASE_URL: database.url,
    KAFKA_BROKERS: kafka.brokers.join(),
    KAFKA_PREFIX: kafka.prefix,
    PORT: '0',
    SIGNING_KEY_FILE: file('plan.pem', generateSigningKey().privateKeyPem),
    TRUSTED_REGISTRY_KEY_FILE: file('registry.pem', registryKey.publicKeyPem),
    OTEL_EXPORTER_OTLP_ENDPOINT: traces.url,
  };
  const children: ChildProcess[] = [];
  const start = async () => {
    const child = run('main.js', env);
    children.push(child);
    return { child, url: await addressOf(child) };
  };
  try {
    expect(await once(run('migrate.js', { DATABASE_URL: database.url }), 'exit')).toEqual([0, null]);
    const first = await start();
    await voice.release('iris');
    const trace = randomBytes(16).toString('hex');
    const asked = await fetch(`${first.url}/v1/endpoints/flowers/deployments`, {
      method: 'POST',
      headers: {
        ...keys.operator,
        'content-type': 'application/json',
        traceparent: `00-${trace}-00f067aa0ba902b7-01`,
      },
      body: JSON.stringify({ model: 'iris', version: 1 }),
    });
    expect(asked.status).toBe(202);
    const plan = await events.waitFor('serving.plan');
    const isRequest = ({ traceId, name }: ReceivedSpan) => traceId === trace && name === `POST ${ROUTE}`;
    await traces.waitFor((spans) => spans.some(isRequest));
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');

    const replica = new FakeReplica(voice);
    await replica.answer(plan.data ?? expect.fail('no plan'), 'ready');
    const second = await start();
    const completed = await events.waitFor('deployment.completed');
    expect(completed.data?.replicas).toEqual([replica.id]);
    expect([plan, completed].map(traceOf)).toEqual([trace, trace]);
    expect(new Set(events.of('deployment.progressed').map(({ id }) => id)).size).toBe(1);
    await traces.waitFor((spans) => spans.some((s) => s.traceId === trace && s.name === 'advance rollout'));
    expect(traces.spans(trace).some(({ kind }) => kind === 'producer')).toBe(true);
    const metrics = await (await fetch(`${second.url}/metrics`)).text();
    expect(metrics).toContain('deployment_steps_total{step="completed"} 1');

    second.child.kill('SIGTERM');
    expect(await once(second.child, 'exit')).toEqual([0, null]);
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all([events.stop(), voice.close(), traces.close()]);
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
});
