import { createService, type RunningService } from '@baton/service';
import { deploymentService } from '@baton/deployment/service';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunningDeployment } from './running-deployment.js';

let baton: RunningDeployment;
let twin: RunningService | undefined;

beforeEach(async () => {
  baton = await RunningDeployment.start({ rolloutTimeoutSeconds: 1 });
});

afterEach(async () => {
  await twin?.close();
  twin = undefined;
  await baton.remove();
});

describe('the deadline of a deployment', () => {
  it('refuses it when no replica is alive, and takes its route out of the plan', async () => {
    await baton.voice.release('alone');
    const { deployment } = (await baton.deploy('alone', { model: 'alone', version: 1 })).body;
    const { revision } = await baton.planOf(deployment);

    expect(await baton.finished(deployment)).toMatchObject({
      status: 'refused',
      reason: 'the time is over, and no replica is alive',
    });
    const isNewer = (event: { data: { revision: number } | null }) => (event.data?.revision ?? 0) > revision;
    expect((await baton.events.waitFor('serving.plan', isNewer)).data?.routes).toEqual([]);
  });

  it('passes once, however many processes look at the clock', async () => {
    twin = await createService(deploymentService, { ...baton.config, rolloutCheckMs: 20 });
    await baton.voice.release('twins');
    const { deployment } = (await baton.deploy('twins', { model: 'twins', version: 1 })).body;
    const { steps } = await baton.finished(deployment);
    const { revision } = (await baton.call('GET', '/v1/endpoints/twins')).body;
    await baton.events.waitFor('deployment.refused');

    expect(steps?.map(({ event }) => event)).toEqual(['requested', 'started', 'refused']);
    expect(revision).toBe(3);
    expect(baton.events.of('deployment.refused')).toHaveLength(1);
  });

  it('passes while the service is down, and counts when it is back', async () => {
    await baton.voice.release('down');
    const { deployment } = (await baton.deploy('down', { model: 'down', version: 1 })).body;
    await baton.stop();
    await baton.row('select 1 from deployments where deadline < now()', [], 'the deadline');
    await baton.start();

    expect((await baton.finished(deployment)).status).toBe('refused');
  });
});

describe('a restart in the middle of a rollout', () => {
  it('loses nothing: a report that came meanwhile completes it', async () => {
    baton.config.rolloutTimeoutSeconds = 60;
    await baton.voice.release('restart');
    const replica = await baton.replica();
    const { deployment } = (await baton.deploy('restart', { model: 'restart', version: 1 })).body;
    const plan = await baton.planOf(deployment);
    await baton.stop();
    await replica.answer(plan, 'ready');
    await baton.start();

    expect((await baton.finished(deployment)).status).toBe('completed');
    await baton.events.waitFor('deployment.completed');
    expect(baton.events.of('deployment.progressed')).toHaveLength(1);
  });
});
