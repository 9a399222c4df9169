import type { Route, ServingPlan } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import type { PooledModel } from '../models/pooled-model.js';
import { reportsOf, revisionOf, serving, stuck, unknownEndpoint, wanting } from './endpoint-state.js';

const route = (deployment: string) => ({ deployment, model: 'iris', version: 1, digest: `d-${deployment}` }) as Route;
const plan = (revision: number, ...routes: Route[]) => ({ endpoint: 'e', revision, routes }) as ServingPlan;
const served = (of: ServingPlan) =>
  serving({ plan: of, routes: of.routes.map((one) => ({ route: one, model: {} as PooledModel })) });
const said = (state: Parameters<typeof reportsOf>[0]) =>
  reportsOf(state).map(({ deployment, planRevision, state: is, reason }) =>
    [deployment, planRevision, is, ...(reason ? [reason] : [])].join(' '),
  );
const [one, two] = [route('one'), route('two')];

describe('the state of an endpoint', () => {
  it('is loading at first, then ready', () => {
    const first = wanting(unknownEndpoint, plan(1, one));
    expect([said(first), first.isTried]).toEqual([['one 1 loading'], false]);
    expect(said(served(plan(1, one)))).toEqual(['one 1 ready']);
  });

  it('stays ready for a route that goes on under a new plan', () => {
    expect(said(wanting(served(plan(1, one)), plan(2, one, two)))).toEqual(['one 2 ready', 'two 2 loading']);
  });

  it('tells of what is served while the next version loads, and after it was refused', () => {
    const next = wanting(served(plan(1, one)), plan(2, two));
    expect(said(next)).toEqual(['two 2 loading', 'one 1 ready']);
    const refused = stuck(next, two, 'refused', 'other bytes');
    expect([said(refused), refused.isTried]).toEqual([['two 2 refused other bytes', 'one 1 ready'], true]);
  });

  it('tells of a forged plan only what no good plan tells otherwise', () => {
    const forged = { ...served(plan(3, one)), rejected: { plan: plan(9, one, two), reason: 'bad-signature' } };
    expect(said(forged)).toEqual(['one 3 ready', 'two 9 refused bad-signature']);
    expect(revisionOf(forged)).toBe(3);
  });
});
