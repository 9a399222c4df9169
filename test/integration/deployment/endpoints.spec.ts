import { loadPublicKey, PLAN_TYPE, verifyDetached } from '@baton/signing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningDeployment } from './running-deployment.js';

let baton: RunningDeployment;

beforeAll(async () => {
  baton = await RunningDeployment.start();
});

afterAll(() => baton.remove());

const put = (endpoint: string, json?: object) => baton.call('PUT', `/v1/endpoints/${endpoint}`, { json });
const revisionOf = (subject: string, revision: unknown) =>
  baton.events.waitFor('serving.plan', (event) => event.subject === subject && event.data?.revision === revision);

describe('an endpoint', () => {
  it('is made with the policy that is named, the rest as usual', async () => {
    const { status, body } = await put('new', { policy: { window: 'month', eventTime: true } });

    expect([status, body.project, body.revision, body.routes, body.replicas]).toEqual([200, 'default', 1, [], []]);
    expect(body.policy).toEqual({
      record: 'write',
      eventTime: true,
      window: 'month',
      latenessSeconds: 300,
      logging: 'full',
      features: {},
    });
  });

  it('keeps what is not named, and sends its plan again only when something changed', async () => {
    await put('steady', { policy: { record: 'sync' } });
    const changed = await put('steady', { policy: { features: { age: 'none' } } });
    const same = await put('steady', { policy: { record: 'sync' } });

    expect(changed.body.policy).toMatchObject({ record: 'sync', features: { age: 'none' } });
    expect([changed.body.revision, same.body.revision]).toEqual([2, 2]);
    const { data } = await revisionOf('steady', 2);
    const { signature, ...plan } = data ?? expect.fail('no plan');
    expect(plan.policy).toEqual(changed.body.policy);
    expect(() => verifyDetached(PLAN_TYPE, plan, signature, [loadPublicKey(baton.plan.publicKeyPem)])).not.toThrow();
  });

  it('tells its replicas the data classes of features', async () => {
    const dataClasses = { age: 'personal', 'Income (€)': 'financial' };
    const { body } = await put('classes', { policy: { dataClasses } });
    const kept = await put('classes', { policy: { record: 'sync' } });
    const cleared = await put('classes', { policy: { dataClasses: {} } });

    expect([body.policy?.dataClasses, kept.body.policy?.dataClasses]).toEqual([dataClasses, dataClasses]);
    expect(cleared.body.policy?.dataClasses).toEqual({});
    const { data } = await revisionOf('classes', 2);
    const { signature, ...plan } = data ?? expect.fail('no plan');
    expect(plan.policy).toMatchObject({ dataClasses, record: 'sync' });
    expect(() => verifyDetached(PLAN_TYPE, plan, signature, [loadPublicKey(baton.plan.publicKeyPem)])).not.toThrow();
  });

  it('keeps its routes when its policy changes, during a rollout too', async () => {
    await baton.voice.release('kept');
    const { body } = await baton.deploy('kept', { model: 'kept', version: 1 });
    const changed = await put('kept', { policy: { logging: 'none' } });
    const plan = await revisionOf('kept', changed.body.planRevision);

    expect(plan.data?.routes[0]?.deployment).toBe(body.deployment);
    const replica = await baton.replica();
    await replica.answer(plan.data ?? expect.fail('no plan'), 'ready');
    expect((await baton.finished(body.deployment)).status).toBe('completed');
    await baton.dismiss();
  });

  it.each<[string, object, string]>([
    ['a window of nothing', { policy: { window: '0' } }, 'policy.window'],
    ['null for a part', { policy: { logging: null } }, 'policy.logging'],
    ['null for the policy', { policy: null }, 'policy'],
    ['a logging policy nobody knows', { policy: { features: { age: 'maybe' } } }, 'policy.features'],
    ['a data class that is no name', { policy: { dataClasses: { age: 'Very Secret' } } }, 'policy.dataClasses'],
    ['a data class for nothing', { policy: { dataClasses: ['personal'] } }, 'policy.dataClasses'],
    ['null for the data classes', { policy: { dataClasses: null } }, 'policy.dataClasses'],
    ['a negative lateness', { policy: { latenessSeconds: -1 } }, 'policy.latenessSeconds'],
    ['a part nobody knows', { policy: { colour: 'red' } }, 'policy.colour'],
    ['a project whose name is none', { project: 'No Project' }, 'project'],
  ])('with %s is answered with 400 that names the field', async (_what, json, field) => {
    const { status, body } = await put('bad', json);

    expect([status, body.errors?.[0]?.field]).toEqual([400, field]);
  });

  it('is made by a request without a body, too', async () => {
    expect((await put('bare')).status).toBe(200);
  });

  it('stays in its project', async () => {
    await put('moved', { project: 'a' });

    expect(await put('moved', { project: 'b' })).toMatchObject({ status: 409, body: { code: 'project-differs' } });
  });

  it('is gone after its deletion, its rollout with it; a new one goes on with its revisions', async () => {
    await baton.voice.release('gone');
    const { body } = await baton.deploy('gone', { model: 'gone', version: 1 });
    const { revision } = (await baton.call('GET', '/v1/endpoints/gone')).body;

    expect((await baton.call('DELETE', '/v1/endpoints/gone')).status).toBe(204);
    await baton.events.waitFor('serving.plan', ({ subject, data }) => subject === 'gone' && data === null);
    expect((await baton.call('GET', '/v1/endpoints/gone')).status).toBe(404);
    expect((await baton.call('DELETE', '/v1/endpoints/gone')).status).toBe(404);
    expect(await baton.deployment(body.deployment)).toMatchObject({
      status: 'refused',
      reason: 'the endpoint was deleted',
    });
    const { body: renewed } = await put('gone', { project: 'other' });
    expect(renewed).toMatchObject({ project: 'other', routes: [], policy: { logging: 'full' } });
    expect(renewed.revision).toBeGreaterThan(Number(revision));
    expect(renewed.lastDeployment).toBeUndefined();
  });

  it('is listed page by page, and so are its deployments', async () => {
    const names: unknown[] = [];
    let cursor: string | undefined;
    do {
      const path = `/v1/endpoints?limit=2${cursor ? `&cursor=${cursor}` : ''}`;
      const { body } = await baton.call('GET', path, { as: 'viewer' });
      expect(body.items?.length).toBeLessThanOrEqual(2);
      names.push(...(body.items ?? []).map(({ endpoint }) => endpoint));
      cursor = body.nextCursor;
    } while (cursor);

    expect(names).toEqual([...new Set(names)].toSorted());
    expect(names).toEqual(expect.arrayContaining(['bare', 'gone', 'kept', 'moved', 'new', 'steady']));
    expect((await baton.call('GET', '/v1/endpoints?cursor=rubbish')).status).toBe(400);
    expect((await baton.call('GET', '/v1/endpoints/kept/deployments?cursor=ImEi')).status).toBe(400);
    expect((await baton.call('GET', '/v1/endpoints/none/deployments')).status).toBe(404);
    expect((await baton.call('GET', '/v1/endpoints/new/deployments')).body.items).toEqual([]);
  });

  it('has its deployments from the last to the first', async () => {
    const replica = await baton.replica();
    const asked: unknown[] = [];
    for (const version of [1, 2, 3]) {
      await baton.voice.release('many', version);
      const { body } = await baton.deploy('many', { model: 'many', version });
      await replica.answer(await baton.planOf(body.deployment), 'ready');
      await baton.finished(body.deployment);
      asked.unshift(body.deployment);
    }
    const first = await baton.call('GET', '/v1/endpoints/many/deployments?limit=2');
    const path = `/v1/endpoints/many/deployments?limit=2&cursor=${String(first.body.nextCursor)}`;
    const second = await baton.call('GET', path);

    const listed = [...(first.body.items ?? []), ...(second.body.items ?? [])];
    expect(listed.map(({ deployment }) => deployment)).toEqual(asked);
    expect(listed.every(({ steps }) => steps.length === 4)).toBe(true);
    expect(second.body.nextCursor).toBeUndefined();
    const { body } = await baton.call('GET', '/v1/endpoints/many');
    expect(body.routes?.map(({ version, weight }) => [version, weight])).toEqual([[3, 100]]);
    expect(body.lastDeployment).toEqual({ deployment: asked[0], status: 'completed' });
    await baton.dismiss();
  });
});
