import { isId } from '@baton/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testModel } from './released-models.js';
import { RunningInference } from './running-inference.js';

let baton: RunningInference;

beforeAll(async () => {
  baton = await RunningInference.start({ heartbeatMs: 300 });
});

afterAll(() => baton.remove());

const reports = () => baton.events.of('replica.reported').flatMap(({ data }) => (data ? [data] : []));

describe('replica.reported', () => {
  it('tells what is loading and what is served, under a revision that grows', async () => {
    const route = await baton.deploy('iris', testModel('iris'), {}, 7);
    const ready = await baton.reported(route.deployment, 'ready');
    expect(ready).toEqual({
      endpoint: 'iris',
      planRevision: 1,
      deployment: route.deployment,
      model: 'iris',
      version: 7,
      digest: route.digest,
      state: 'ready',
    });
    const revisions = reports().map(({ revision }) => revision);
    expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
    expect(new Set(revisions).size).toBe(revisions.length);
  });

  it('comes as a heartbeat when nothing happens', async () => {
    const last = reports().at(-1)?.revision ?? 0;
    await baton.events.waitFor('replica.reported', ({ data }) => (data?.revision ?? 0) > last + 2);
  });

  it('says goodbye, and goes on counting as the same replica after a restart', async () => {
    const [first] = reports();
    expect(isId(first?.replica ?? '')).toBe(true);
    await baton.stop();
    const goodbye = await baton.events.waitFor('replica.reported', ({ data }) => data?.leaving === true);
    await baton.start();
    const revision = goodbye.data?.revision ?? 0;
    const next = await baton.events.waitFor('replica.reported', ({ data }) => (data?.revision ?? 0) > revision);
    expect(next.data).toMatchObject({ replica: first?.replica, leaving: false });
  });
});
