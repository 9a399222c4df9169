import { loadPublicKey, PLAN_TYPE, verifyDetached, verifyRelease } from '@baton/signing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { registryKey } from './registry-voice.js';
import { RunningDeployment } from './running-deployment.js';

let baton: RunningDeployment;

beforeAll(async () => {
  baton = await RunningDeployment.start();
});

afterEach(() => baton.dismiss());

afterAll(() => baton.remove());

/** A version that is served already. */
async function served(endpoint: string, model: string, replica: Awaited<ReturnType<RunningDeployment['replica']>>) {
  const { version } = await baton.voice.release(model);
  const { body } = await baton.deploy(endpoint, { model, version });
  await replica.answer(await baton.planOf(body.deployment), 'ready');
  return baton.finished(body.deployment);
}

describe('an immediate deployment', () => {
  it('goes from requested to completed on the word of the replicas', async () => {
    const replica = await baton.replica();
    const { digest } = await baton.voice.release('iris');
    const asked = await baton.deploy('flowers', { model: 'iris', version: 1, reason: 'first one' });

    expect(asked).toMatchObject({
      status: 202,
      body: { endpoint: 'flowers', model: 'iris', version: 1, digest, status: 'loading', strategy: 'immediate' },
    });
    const { deployment } = asked.body;
    await replica.answer(await baton.planOf(deployment), 'loading');
    await replica.answer(await baton.planOf(deployment), 'ready');
    const done = await baton.finished(deployment);

    expect(done).toMatchObject({ status: 'completed', reason: 'first one', requestedBy: 'test-operator' });
    expect(done.steps?.map(({ event, replica: who }) => [event, who])).toEqual([
      ['requested', undefined],
      ['started', undefined],
      ['progressed', replica.id],
      ['completed', undefined],
    ]);
    const completed = await baton.events.waitFor('deployment.completed', ({ subject }) => subject === 'flowers');
    expect(completed).toMatchObject({
      correlationid: deployment,
      data: { deployment, digest, replicas: [replica.id], requestedBy: 'test-operator', project: 'default' },
    });
  });

  it('publishes each step once, each with a revision of its own', async () => {
    const replica = await baton.replica();
    await served('once', 'once-model', replica);
    await baton.events.waitFor('deployment.completed', ({ subject }) => subject === 'once');
    await replica.beat();
    await baton.dismiss();
    const steps = baton.events.all.filter(({ type, subject }) => type.startsWith('deployment.') && subject === 'once');
    const byRevision = steps
      .map(({ type, data }) => [(data as { revision: number }).revision, type] as const)
      .toSorted(([a], [b]) => a - b);

    expect(byRevision).toEqual([
      [1, 'deployment.requested'],
      [2, 'deployment.started'],
      [3, 'deployment.progressed'],
      [4, 'deployment.completed'],
    ]);
  });

  it('sends a plan that replicas can verify: signature, release, digest', async () => {
    const { digest } = await baton.voice.release('signed');
    const { body } = await baton.deploy('signed', { model: 'signed', version: 1 });
    const { signature, ...plan } = await baton.planOf(body.deployment);
    const key = loadPublicKey(baton.plan.publicKeyPem);

    expect(() => verifyDetached(PLAN_TYPE, plan, signature, [key])).not.toThrow();
    expect(() => verifyDetached(PLAN_TYPE, { ...plan, project: 'other' }, signature, [key])).toThrow();
    expect(plan.routes).toHaveLength(1);
    const [route] = plan.routes;
    expect(route).toMatchObject({ weight: 100, digest, features: ['x'], deployment: body.deployment });
    const release = { model: 'signed', version: 1, digest };
    expect(verifyRelease(route?.attestation, [loadPublicKey(registryKey.publicKeyPem)], release).approver).toBe('ann');
  });

  it('waits for every live replica', async () => {
    const [one, two] = [await baton.replica(), await baton.replica()];
    await baton.voice.release('pair');
    const { deployment } = (await baton.deploy('pair', { model: 'pair', version: 1 })).body;
    const plan = await baton.planOf(deployment);
    await one.answer(plan, 'ready');
    await baton.events.waitFor('deployment.progressed', ({ data }) => data?.deployment === deployment);

    expect((await baton.deployment(deployment)).status).toBe('loading');
    await two.answer(plan, 'ready');
    expect((await baton.finished(deployment)).status).toBe('completed');
    const endpoint = await baton.call('GET', '/v1/endpoints/pair', { as: 'viewer' });
    const { replicas } = endpoint.body;
    expect(replicas?.map(({ replica, state, stale }) => [replica, state, stale]).toSorted()).toEqual(
      [one, two].map(({ id }) => [id, 'ready', false]).toSorted(),
    );
  });

  it('does not wait for a replica that said goodbye', async () => {
    const [one, two] = [await baton.replica(), await baton.replica()];
    await baton.voice.release('goodbye');
    const { deployment } = (await baton.deploy('goodbye', { model: 'goodbye', version: 1 })).body;
    await one.answer(await baton.planOf(deployment), 'ready');
    await baton.events.waitFor('deployment.progressed', ({ data }) => data?.deployment === deployment);
    await two.leave();

    expect((await baton.finished(deployment)).status).toBe('completed');
  });

  it('is refused when every replica refuses, and the plan goes back to what was served before', async () => {
    const replica = await baton.replica();
    const before = await served('back', 'good', replica);
    await baton.voice.release('bad');
    const { deployment } = (await baton.deploy('back', { model: 'bad', version: 1 })).body;
    const plan = await baton.planOf(deployment);
    await replica.answer(plan, 'refused', 'the digest differs');
    const refused = await baton.finished(deployment);

    expect(refused).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining('the digest differs') as string,
    });
    const fact = await baton.events.waitFor('deployment.refused', ({ subject }) => subject === 'back');
    expect(fact.data).toMatchObject({ deployment, replicas: [replica.id], reason: refused.reason });
    const back = await baton.events.waitFor(
      'serving.plan',
      ({ subject, data }) => subject === 'back' && (data?.revision ?? 0) > plan.revision,
    );
    expect(back.data?.routes.map((route) => route.deployment)).toEqual([before.deployment]);
  });

  it('answers 409 while another one of the endpoint is live, and lets it through after that', async () => {
    await baton.voice.release('busy');
    const { deployment } = (await baton.deploy('busy', { model: 'busy', version: 1 })).body;
    const second = await baton.deploy('busy', { model: 'busy', version: 1 });

    expect(second).toMatchObject({ status: 409, body: { code: 'deployment-running' } });
    expect(second.body.detail).toContain(deployment);
    const replica = await baton.replica();
    await replica.answer(await baton.planOf(deployment), 'ready');
    await baton.finished(deployment);
    expect((await baton.deploy('busy', { model: 'busy', version: 1 })).status).toBe(202);
  });

  it('is one of several that were asked for at the same time', async () => {
    await baton.voice.release('race');
    await baton.row(`select 1 from versions where model = 'race' and status = 'approved'`, [], 'approval');
    const asked = Array.from({ length: 8 }, () => baton.deploy('race', { model: 'race', version: 1 }));
    const statuses = (await Promise.all(asked)).map(({ status }) => status).toSorted();

    expect(statuses).toEqual([202, 409, 409, 409, 409, 409, 409, 409]);
    expect(await baton.database.query(`select 1 from deployments where endpoint = 'race'`)).toHaveLength(1);
  });

  it('shares its endpoint with other changes: each has a revision of its own, and none is lost', async () => {
    const replicas = await Promise.all([baton.replica(), baton.replica(), baton.replica()]);
    await baton.voice.release('shared');
    const { deployment } = (await baton.deploy('shared', { model: 'shared', version: 1 })).body;
    const plan = await baton.planOf(deployment);
    const change = (latenessSeconds: number) =>
      baton.call('PUT', '/v1/endpoints/shared', { json: { policy: { latenessSeconds } } });
    const changes = Promise.all(Array.from({ length: 12 }, (_, index) => change(index)));
    for (const replica of replicas) await replica.answer(plan, 'ready');
    const changed = (await changes).map(({ body }) => body.revision);
    await baton.finished(deployment);
    await baton.events.waitFor('deployment.completed', ({ subject }) => subject === 'shared');

    const steps = baton.events.all.filter(
      ({ type, subject }) => type.startsWith('deployment.') && subject === 'shared',
    );
    const revisions = [...changed, ...steps.map(({ data }) => (data as { revision: number }).revision)];
    const everyOne = Array.from({ length: 12 + 6 }, (_, index) => index + 1);
    expect(revisions.toSorted((a, b) => Number(a) - Number(b))).toEqual(everyOne);
    expect((await baton.call('GET', '/v1/endpoints/shared')).body.revision).toBe(18);
  });
});
