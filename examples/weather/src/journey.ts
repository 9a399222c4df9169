import { ApiError, type DeploymentResponse, type VersionResponse, type WindowResponse } from '@baton/client';
import { generateSigningKey, hashFile, loadPrivateKey, signModel } from '@baton/signing';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { People } from './people.js';
import { features, type Day } from './weather.js';

export const MODEL = 'seattle-weather';

/** Keys take a moment to reach every service, and an approval to reach the deployment service. */
const ARRIVAL_MS = 20_000;

/** Pushes the files of the folder, signed by a key that the platform's operator trusts from now on. */
export async function push(people: People, folder: string, home: string): Promise<VersionResponse> {
  const file = join(folder, 'model.onnx');
  const pair = generateSigningKey();
  mkdirSync(join(home, 'signers'), { recursive: true });
  writeFileSync(join(home, 'signers', 'demo-scientist.pem'), pair.publicKeyPem);
  const { digest } = await hashFile(file);
  const signature = signModel([{ name: 'model.onnx', digest }], 'model.onnx', loadPrivateKey(pair.privateKeyPem));
  const files = {
    model: file,
    reference: join(folder, 'reference.csv'),
    metrics: join(folder, 'metrics.json'),
    signature: JSON.stringify(signature),
  };
  return arriving(() => people.scientist.registry.push(MODEL, files));
}

/** Makes an endpoint of its own for the version, whose windows are calendar months of the caller's time. */
export async function deploy(people: People, version: VersionResponse): Promise<DeploymentResponse> {
  const endpoint = `weather-${version.version}`;
  const policy = { eventTime: true, window: 'month', latenessSeconds: 0 };
  await arriving(() => people.operator.deployment.configure(endpoint, { policy }));
  const request = { model: MODEL, version: version.version, reason: 'demo' };
  const asked = await arriving(() => people.operator.deployment.deploy(endpoint, request));
  const done = await people.operator.deployment.finished(asked.deployment, { timeoutMs: 60_000 });
  if (done.status !== 'completed') throw new Error(`the deployment was ${done.status}: ${done.reason ?? 'no reason'}`);
  return done;
}

/** Asks once for each day, as of that day. Gives the ids of the predictions. */
export async function predict(
  people: People,
  endpoint: string,
  days: readonly Day[],
  onDay: (done: number) => void,
): Promise<string[]> {
  const ids: string[] = [];
  for (const day of days) {
    const row = Object.fromEntries(features.map((feature, index) => [feature, day.values[index]]));
    const answer = await arriving(() => people.service.inference.predict(endpoint, [row], `${day.date}T12:00:00Z`));
    ids.push(answer.prediction);
    onDay(ids.length);
  }
  return ids;
}

/** Waits until the endpoint's closed windows hold every prediction. Oldest first. */
export async function closedWindows(people: People, endpoint: string, predictions: number): Promise<WindowResponse[]> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const { items } = await arriving(() => people.auditor.monitoring.windows(endpoint, { limit: 100 }));
    const seen = items.flatMap((window) => window.versions).reduce((sum, version) => sum + version.predictions, 0);
    if (seen === predictions) return items.toSorted((a, b) => a.start.localeCompare(b.start));
    if (Date.now() > deadline) throw new Error(`after 60 s the windows hold ${seen} of ${predictions} predictions`);
    await pause(250);
  }
}

/** Tries again while something is on its way: a key (401), a version or an endpoint (404, 503). */
async function arriving<T>(work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + ARRIVAL_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const onItsWay = error instanceof ApiError && [401, 404, 503].includes(error.status);
      if (!onItsWay || Date.now() > deadline) throw error;
      await pause(100);
    }
  }
}
