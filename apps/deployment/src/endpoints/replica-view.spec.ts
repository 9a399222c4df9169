import type { Route, RouteReport } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import { replicaView } from './replica-view.js';

const lastSeen = new Date('2026-01-01T00:00:00Z');
const endpoint = { endpoint: 'weather', routes: [{ deployment: 'new' } as Route] };

function report(part: Partial<RouteReport>): RouteReport {
  const digest = 'a'.repeat(64);
  return {
    endpoint: 'weather',
    planRevision: 3,
    deployment: 'new',
    model: 'm',
    version: 1,
    digest,
    state: 'ready',
    ...part,
  };
}

function replica(...routes: RouteReport[]) {
  return { replica: 'r', routes, leaving: false, lastSeen };
}

describe('replicaView', () => {
  it('shows the report on the route that the plan wants', () => {
    const reports = [report({ deployment: 'old', planRevision: 1 }), report({ state: 'refused', reason: 'bad bytes' })];

    expect(replicaView(endpoint, replica(...reports), true)).toEqual({
      replica: 'r',
      state: 'refused',
      reason: 'bad bytes',
      planRevision: 3,
      lastSeen: lastSeen.toISOString(),
      stale: false,
    });
  });

  it('shows what is still served when there is no such report', () => {
    const view = replicaView(endpoint, replica(report({ deployment: 'old', planRevision: 1 })), false);

    expect(view).toMatchObject({ state: 'ready', planRevision: 1, stale: true });
  });

  it('counts a live replica that has not heard of the endpoint as loading', () => {
    const elsewhere = replica(report({ endpoint: 'other' }));

    expect(replicaView(endpoint, elsewhere, true)).toMatchObject({ state: 'loading', planRevision: 0 });
  });

  it.each([
    ['is gone and says nothing of the endpoint', endpoint, replica(), false],
    ['has nothing to serve here', { ...endpoint, routes: [] }, replica(), true],
    ['said goodbye', endpoint, { ...replica(report({})), leaving: true }, true],
  ])('leaves out a replica that %s', (_why, where, who, isAlive) => {
    expect(replicaView(where, who, isAlive)).toBeUndefined();
  });
});
