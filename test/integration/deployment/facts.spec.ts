import { newId, type ReplicaReported } from '@baton/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FakeReplica } from './fake-replica.js';
import { speakOf } from './registry-voice.js';
import { RunningDeployment } from './running-deployment.js';

let baton: RunningDeployment;

beforeAll(async () => {
  baton = await RunningDeployment.start();
});

afterEach(() => baton.dismiss());

afterAll(() => baton.remove());

/** A marker behind other events of the same key: when it has been applied, so have they. */
async function afterAllOf(model: string): Promise<void> {
  await baton.voice.say('model.registered', speakOf(model, 99).registered);
  await baton.row('select 1 from versions where model = $1 and version = 99', [model], 'the marker');
}

const statusOf = (model: string) => baton.row('select status, revision from versions where model = $1', [model], model);

describe('what the registry says', () => {
  it('may come in any order: an approval stays when its registration comes late', async () => {
    const { registered, approved } = speakOf('swapped', 1);
    await baton.voice.say('model.approved', approved);
    await baton.row(`select 1 from versions where model = 'swapped'`, [], 'the approval');
    await baton.voice.say('model.registered', registered);
    await afterAllOf('swapped');

    expect(await statusOf('swapped')).toEqual({ status: 'approved', revision: 2 });
    expect((await baton.deploy('swapped', { model: 'swapped', version: 1 })).status).toBe(202);
  });

  it('counts by revision: an older approval does not undo a rejection', async () => {
    const { approved } = speakOf('undone', 1);
    const { model, project, version, digest } = approved;
    const no = { rejectedBy: 'ann', reason: 'no', rejectedAt: new Date().toISOString() };
    await baton.voice.say('model.rejected', { model, project, version, digest, revision: 3, ...no });
    await baton.row(`select 1 from versions where model = 'undone'`, [], 'the rejection');
    await baton.voice.say('model.approved', approved);
    const marker = speakOf('undone', 98).approved;
    await baton.voice.say('model.approved', marker);
    await baton.row(`select 1 from versions where model = 'undone' and version = 98`, [], 'the marker');

    expect(await statusOf('undone')).toEqual({ status: 'rejected', revision: 3 });
  });

  it('has one effect however often it comes', async () => {
    const { approved } = speakOf('twice', 1);
    const forged = { ...approved, digest: 'f'.repeat(64) };
    const id = newId();
    for (let time = 0; time < 3; time += 1) await baton.voice.say('model.approved', forged, id);
    await baton.voice.say('model.approved', speakOf('twice', 99).approved);
    await baton.row(`select 1 from versions where model = 'twice' and version = 99`, [], 'the marker');
    await baton.row('select 1 where not exists (select 1 from outbox)', [], 'empty outbox');
    await baton.events.waitFor('integrity.violated', ({ data }) => data?.model === 'twice');

    expect(baton.events.of('integrity.violated').filter(({ data }) => data?.model === 'twice')).toHaveLength(1);
  });

  it('moves an alias to where its last revision says', async () => {
    await baton.voice.point('m', 'stable', 5, 5);
    await baton.voice.point('m', 'stable', 4, 4);
    await baton.voice.point('m', 'other', 1, 6);
    await baton.row(`select 1 from aliases where alias = 'other'`, [], 'the marker');

    expect(await baton.database.query(`select version from aliases where alias = 'stable'`)).toEqual([{ version: 5 }]);
  });
});

describe('what replicas say', () => {
  const digest = 'a'.repeat(64);

  function report(replica: string, part: Partial<ReplicaReported>): ReplicaReported {
    return { replica, revision: 1, routes: [], leaving: false, reportedAt: new Date().toISOString(), ...part };
  }

  it('counts by revision: an old report does not bring back who said goodbye', async () => {
    const [replica, old] = [newId(), newId()];
    await baton.voice.say('replica.reported', report(replica, { revision: 5, leaving: true }));
    await baton.voice.say('replica.reported', report(replica, { revision: 4 }), old);
    await baton.row('select 1 from inbox where event_id = $1', [old], 'the old report');

    expect(await baton.database.query('select revision, leaving from replicas where replica = $1', [replica])).toEqual([
      { revision: '5', leaving: true },
    ]);
  });

  it('keeps revisions that are larger than a 32-bit number', async () => {
    const replica = newId();
    const revision = Number.MAX_SAFE_INTEGER;
    await baton.voice.say('replica.reported', report(replica, { revision }));
    const row = await baton.row<{ revision: string }>(
      'select revision from replicas where replica = $1',
      [replica],
      'it',
    );

    expect(row.revision).toBe(String(revision));
    await baton.database.query('delete from replicas where replica = $1', [replica]);
  });

  it('of yesterday does not make anyone alive', async () => {
    await baton.voice.release('ghost');
    const ghost = new FakeReplica(baton.voice);
    await ghost.beat(new Date(Date.now() - 60_000));
    await baton.seen(ghost, false);
    const { deployment } = (await baton.deploy('ghost', { model: 'ghost', version: 1 })).body;
    const replica = await baton.replica();
    await replica.answer(await baton.planOf(deployment), 'ready');

    // Were the ghost alive, its silence would hold the deployment up.
    expect((await baton.finished(deployment)).status).toBe('completed');
  });

  it('about other bytes under the name of a deployment is a refusal', async () => {
    await baton.voice.release('other-bytes');
    const { deployment } = (await baton.deploy('other-bytes', { model: 'other-bytes', version: 1 })).body;
    const plan = await baton.planOf(deployment);
    const replica = await baton.replica();
    const [route] = plan.routes;
    await replica.answer({ ...plan, routes: route ? [{ ...route, digest }] : [] }, 'ready');

    expect(await baton.finished(deployment)).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining(digest) as string,
    });
  });

  it('about a deployment that is over changes nothing', async () => {
    await baton.voice.release('over');
    const { deployment } = (await baton.deploy('over', { model: 'over', version: 1 })).body;
    const plan = await baton.planOf(deployment);
    const replica = await baton.replica();
    await replica.answer(plan, 'refused', 'no');
    await baton.finished(deployment);
    await replica.answer(plan, 'ready');
    await baton.dismiss();

    expect((await baton.deployment(deployment)).status).toBe('refused');
    expect(baton.events.of('deployment.completed').filter(({ data }) => data?.deployment === deployment)).toEqual([]);
  });
});
