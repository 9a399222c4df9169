import { deploy, push } from '@baton/weather/journey';
import { hire, type People } from '@baton/weather/people';
import { train } from '@baton/weather/training';
import { seattleDays, winterDays } from '@baton/weather/weather';
import { stopChild } from '@baton/local/children';
import { startServiceProcess, whenReady } from '@baton/local/services';
import { waitFor } from '@baton/testing';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPlatform, type TestPlatform } from '../support/test-platform.js';

const ROW = { precipitation: 0, temp_max: 12.8, temp_min: 5, wind: 4.7 };

let running: TestPlatform;
let people: People;
let endpoint: string;

beforeAll(async () => {
  running = await startTestPlatform();
  people = await hire(running.client);
  const folder = join(running.home, 'model');
  train(winterDays(seattleDays(), '2015-01-01'), folder);
  const version = await push(people, folder, running.home);
  await people.approver.registry.approve(version.model, version.version);
  endpoint = (await deploy(people, version)).endpoint;
}, 240_000);

afterAll(async () => running?.stop(), 60_000);

describe('with Kafka, Postgres and every other service stopped', () => {
  it('inference goes on, restarts from its own disk, and loses no record', async () => {
    const { platform } = running;
    const ids = [(await people.service.inference.predict(endpoint, [ROW])).prediction];
    for (const child of platform.children.filter(({ name }) => name !== 'inference')) await stopChild(child.process);
    await platform.backing.kafka?.stop();
    await platform.backing.postgres?.stop();
    ids.push((await people.service.inference.predict(endpoint, [ROW])).prediction);

    const inference = platform.children.find(({ name }) => name === 'inference');
    if (!inference) throw new Error('there is no inference process');
    inference.process.kill('SIGKILL');
    await waitFor(() => (inference.process.signalCode ? true : undefined), { what: 'its end' });
    const again = startServiceProcess('inference', platform.surroundings);
    try {
      await whenReady(again, platform.surroundings.keys.access.admin);
      ids.push((await people.service.inference.predict(endpoint, [ROW])).prediction);
      expect(new Set(ids).size).toBe(3);
    } finally {
      await stopChild(again.process);
    }
  });
});
