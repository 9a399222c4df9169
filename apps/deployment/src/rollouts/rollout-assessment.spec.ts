import { describe, expect, it } from 'vitest';
import { assess, wordOf, type ReplicaWord } from './rollout-assessment.js';

const now = new Date('2026-01-01T12:00:00Z');
const before = new Date('2026-01-01T11:59:59Z');
const after = new Date('2026-01-01T12:00:01Z');

const ready = (replica: string): ReplicaWord => ({ replica, state: 'ready' });
const refusing = (replica: string, reason?: string): ReplicaWord => ({ replica, state: 'refused', reason });
const loading = (replica: string): ReplicaWord => ({ replica, state: 'loading' });
const silent = (replica: string): ReplicaWord => ({ replica });

describe('assess', () => {
  it.each<[string, ReplicaWord[], number, Date, string]>([
    ['completes when the only live replica serves it', [ready('a')], 1, after, 'completed'],
    ['completes when all live replicas serve it', [ready('a'), ready('b')], 1, after, 'completed'],
    ['waits for a replica that is loading', [ready('a'), loading('b')], 1, after, 'waiting'],
    ['waits for a replica that has not heard of it', [ready('a'), silent('b')], 1, after, 'waiting'],
    ['waits while no replica is alive', [], 1, after, 'waiting'],
    ['waits for as many replicas as are wanted', [ready('a')], 2, after, 'waiting'],
    ['refuses when every live replica refuses', [refusing('a'), refusing('b')], 1, after, 'refused'],
    ['does not refuse on the word of too few', [refusing('a')], 2, after, 'waiting'],
    ['waits when some serve and some refuse', [ready('a'), refusing('b')], 1, after, 'waiting'],
    ['refuses at the deadline', [ready('a'), refusing('b')], 1, now, 'refused'],
    ['refuses after the deadline without a live replica', [], 1, before, 'refused'],
    ['completes after the deadline when nobody is missing any more', [ready('a')], 1, before, 'completed'],
  ])('%s', (_sentence, words, minReplicas, deadline, is) => {
    expect(assess(words, { now, deadline, minReplicas }).is).toBe(is);
  });

  it('names the replicas that serve it', () => {
    const words = [ready('a'), loading('b'), ready('c')];

    expect(assess(words, { now, deadline: after, minReplicas: 1 }).ready).toEqual(['a', 'c']);
  });

  it.each([
    [
      [refusing('a', 'bad bytes'), refusing('b')],
      after,
      'every live replica refuses it: a: bad bytes; b: no reason given',
    ],
    [[ready('a'), refusing('b', 'full')], before, 'the time is over, and 1 of 2 live replicas serve it; b: full'],
    [[loading('a')], before, 'the time is over, and 0 of 1 live replicas serve it'],
    [[], before, 'the time is over, and no replica is alive'],
  ])('says why: %j', (words, deadline, reason) => {
    expect(assess(words, { now, deadline, minReplicas: 1 })).toMatchObject({ is: 'refused', reason });
  });

  it('cuts a reason that would not fit its event', () => {
    const words = [refusing('a', 'x'.repeat(1500)), refusing('b', 'y'.repeat(1500))];
    const assessment = assess(words, { now, deadline: after, minReplicas: 1 });

    expect(assessment.is === 'refused' && assessment.reason.length).toBe(2000);
  });
});

describe('wordOf', () => {
  const digest = 'a'.repeat(64);
  const report = { endpoint: 'e', planRevision: 1, deployment: 'd1', model: 'm', version: 1, digest };

  it('is the report on the deployment', () => {
    const routes = [
      { ...report, deployment: 'd0', state: 'ready' as const },
      { ...report, state: 'refused' as const, reason: 'why' },
    ];

    expect(wordOf({ replica: 'r', routes }, { deployment: 'd1', digest })).toEqual({
      replica: 'r',
      state: 'refused',
      reason: 'why',
    });
  });

  it('is silence without one', () => {
    expect(wordOf({ replica: 'r', routes: [] }, { deployment: 'd1', digest })).toEqual({ replica: 'r' });
  });

  it('is a refusal when the bytes are others', () => {
    const routes = [{ ...report, digest: 'b'.repeat(64), state: 'ready' as const }];

    expect(wordOf({ replica: 'r', routes }, { deployment: 'd1', digest }).state).toBe('refused');
  });
});
