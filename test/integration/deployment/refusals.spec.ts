import { newId } from '@baton/contracts';
import { generateSigningKey } from '@baton/signing';
import { publishKey, waitFor } from '@baton/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { speakOf } from './registry-voice.js';
import { RunningDeployment } from './running-deployment.js';

let baton: RunningDeployment;

beforeAll(async () => {
  baton = await RunningDeployment.start();
});

beforeEach(() => {
  baton.config.versionWaitMs = 10_000;
});

afterAll(() => baton.remove());

const known = (model: string, status: string) =>
  baton.row('select 1 from versions where model = $1 and status = $2', [model, status], `${model} ${status}`);

async function nothingOf(endpoint: string): Promise<void> {
  expect(await baton.database.query('select 1 from endpoints where endpoint = $1', [endpoint])).toEqual([]);
  expect(await baton.database.query('select 1 from deployments where endpoint = $1', [endpoint])).toEqual([]);
}

describe('a version that may not be deployed', () => {
  it('is not found while the registry has not told of it, and nothing is left of the request', async () => {
    baton.config.versionWaitMs = 100;
    const { status, body, headers } = await baton.deploy('nowhere', { model: 'unheard', version: 1 });

    expect([status, body.code, headers.get('retry-after')]).toEqual([404, 'version-not-found', '1']);
    expect(body.detail).toContain('on its way');
    await nothingOf('nowhere');
  });

  it('is waited for when word of it is on its way', async () => {
    const asked = baton.deploy('patient', { model: 'late', version: 1 });
    await baton.voice.release('late');

    expect((await asked).status).toBe(202);
  });

  it('is refused and published as such while it is not approved', async () => {
    baton.config.versionWaitMs = 0;
    const { registered, digest, approved } = speakOf('draft', 1);
    await baton.voice.say('model.registered', registered);
    await known('draft', 'registered');
    const { status, body } = await baton.deploy('drafts', { model: 'draft', version: 1 }, { 'idempotency-key': 'k1' });

    expect([status, body.code]).toEqual([409, 'deployment-refused']);
    const { data } = await baton.events.waitFor('deployment.refused', ({ subject }) => subject === 'drafts');
    expect(data).toMatchObject({ model: 'draft', version: 1, digest, revision: 1, requestedBy: 'test-operator' });
    expect(data?.reason).toBe('version 1 of model draft is not approved');
    expect(await baton.deployment(data?.deployment)).toMatchObject({ status: 'refused', reason: data?.reason });
    expect((await baton.call('GET', '/v1/endpoints/drafts')).status).toBe(404);
    expect(baton.events.of('serving.plan').filter(({ subject }) => subject === 'drafts')).toEqual([]);

    await baton.voice.say('model.approved', approved);
    await known('draft', 'approved');
    const again = await baton.deploy('drafts', { model: 'draft', version: 1 }, { 'idempotency-key': 'k1' });
    expect([again.status, again.body.status]).toEqual([202, 'loading']);
  });

  it('is refused when it was rejected', async () => {
    const { registered } = speakOf('rejected', 1);
    const { model, project, version, digest } = registered;
    const no = { rejectedBy: 'ann', reason: 'leaks names', rejectedAt: new Date().toISOString() };
    await baton.voice.say('model.registered', registered);
    await baton.voice.say('model.rejected', { model, project, version, digest, revision: 2, ...no });
    const { status, body } = await baton.deploy('rejects', { model: 'rejected', version: 1 });

    expect([status, body.detail]).toEqual([409, expect.stringContaining('was rejected')]);
  });

  it('is refused when its attestation is not of the registry, and that is told when it comes and when it is asked for', async () => {
    const { approved } = speakOf('forged', 1, 'default', generateSigningKey().privateKeyPem);
    await baton.voice.say('model.approved', approved);
    const told = await baton.events.waitFor('integrity.violated', ({ data }) => data?.model === 'forged');

    expect(told.data).toMatchObject({ kind: 'attestation', subject: 'attestation:forged@1', detectedBy: 'deployment' });
    expect(told.data?.reason).toContain('unknown-key');
    const { status, body } = await baton.deploy('forgeries', { model: 'forged', version: 1 });
    expect([status, body.code]).toEqual([409, 'deployment-refused']);
    await baton.events.waitFor('integrity.violated', ({ data }) => data?.endpoint === 'forgeries');
    await baton.events.waitFor('deployment.refused', ({ subject }) => subject === 'forgeries');
  });

  it('is refused when one byte of its copy was changed here', async () => {
    await baton.voice.release('flipped');
    await known('flipped', 'approved');
    await baton.database.query(
      `update versions set release = jsonb_set(release, '{files,0,digest}', to_jsonb(repeat('0', 64)))
       where model = 'flipped'`,
    );

    expect((await baton.deploy('flips', { model: 'flipped', version: 1 })).status).toBe(409);
    await baton.events.waitFor('integrity.violated', ({ data }) => data?.endpoint === 'flips');
  });

  it('is not found through an alias that points nowhere', async () => {
    await baton.voice.release('pointed');
    await baton.voice.point('pointed', 'stable', 1, 1);
    expect((await baton.deploy('aliased', { model: 'pointed', alias: 'stable' })).body.version).toBe(1);

    await baton.voice.point('pointed', 'stable', null, 2);
    await baton.row(`select 1 from aliases where model = 'pointed' and version is null`, [], 'removal');
    baton.config.versionWaitMs = 0;
    expect((await baton.deploy('aliased-2', { model: 'pointed', alias: 'stable' })).status).toBe(404);
  });
});

describe('a request', () => {
  it.each<[string, object, string]>([
    ['no model', { version: 1 }, 'model'],
    ['neither version nor alias', { model: 'm' }, 'version'],
    ['both', { model: 'm', version: 1, alias: 'a' }, 'version'],
    ['a version that is no number', { model: 'm', version: '1' }, 'version'],
    ['a strategy nobody knows', { model: 'm', version: 1, strategy: 'hope' }, 'strategy'],
    ['a field nobody knows', { model: 'm', version: 1, modle: 'm' }, 'modle'],
  ])('with %s is answered with 400 that names the field', async (_what, json, field) => {
    const { status, body } = await baton.deploy('bad', json);

    expect([status, body.errors?.[0]?.field]).toEqual([400, field]);
    await nothingOf('bad');
  });

  it('for an endpoint whose name is none is answered with 400', async () => {
    expect((await baton.deploy('Bad%20Name', { model: 'm', version: 1 })).body.errors?.[0]?.field).toBe('endpoint');
  });

  it('without a key is answered with 401, with the wrong role with 403', async () => {
    const json = { model: 'm', version: 1 };
    const path = '/v1/endpoints/closed/deployments';

    expect((await baton.call('POST', path, { json, as: { authorization: 'Bearer nonsense' } })).status).toBe(401);
    for (const as of ['viewer', 'scientist', 'approver', 'predictor', 'auditor'] as const) {
      expect((await baton.call('POST', path, { json, as })).status, as).toBe(403);
    }
    expect((await baton.call('GET', '/v1/endpoints', { as: 'predictor' })).status).toBe(403);
  });

  it('that is repeated under its idempotency key has one effect and one answer', async () => {
    await baton.voice.release('again');
    const headers = { 'idempotency-key': newId() };
    const asked = Array.from({ length: 4 }, () => baton.deploy('again', { model: 'again', version: 1 }, headers));
    const answers = await Promise.all(asked);

    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(new Set(answers.map(({ body }) => body.deployment)).size).toBe(1);
    expect(await baton.deploy('again', { model: 'again', version: 2 }, headers)).toMatchObject({
      status: 422,
      body: { code: 'idempotency-key-reused' },
    });
    expect((await baton.deploy('again-2', { model: 'again', version: 1 }, headers)).status).toBe(422);
  });
});

describe("another project's objects", () => {
  it('do not exist for a key of one project', async () => {
    const made = await publishKey(baton.kafka, { role: 'operator', project: 'blue', name: 'blue-operator' });
    const as = { authorization: `Bearer ${made.key}` };
    await waitFor(async () => ((await baton.call('GET', '/v1/endpoints', { as })).status === 200 ? true : undefined), {
      what: 'the key',
    });
    await baton.voice.release('red-model', 1, 'red');
    await baton.voice.release('blue-model', 1, 'blue');
    const red = await baton.deploy('red-endpoint', { model: 'red-model', version: 1 });
    expect(red.body.project).toBe('red');
    baton.config.versionWaitMs = 0;
    await known('blue-model', 'approved');

    const blind = [
      baton.call('GET', '/v1/endpoints/red-endpoint', { as }),
      baton.call('PUT', '/v1/endpoints/red-endpoint', { as, json: {} }),
      baton.call('DELETE', '/v1/endpoints/red-endpoint', { as }),
      baton.call('GET', '/v1/endpoints/red-endpoint/deployments', { as }),
      baton.call('GET', `/v1/deployments/${String(red.body.deployment)}`, { as }),
      baton.call('POST', '/v1/endpoints/any/deployments', { as, json: { model: 'red-model', version: 1 } }),
      baton.call('POST', '/v1/endpoints/red-endpoint/deployments', { as, json: { model: 'blue-model', version: 1 } }),
    ];
    expect((await Promise.all(blind)).map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404, 404]);
    expect((await baton.call('PUT', '/v1/endpoints/new', { as, json: { project: 'red' } })).status).toBe(403);
    expect((await baton.call('GET', '/v1/endpoints', { as })).body.items).toEqual([]);
    const mixed = await baton.deploy('red-endpoint', { model: 'blue-model', version: 1 });
    expect([mixed.status, mixed.body.code]).toEqual([409, 'project-differs']);
  });
});
