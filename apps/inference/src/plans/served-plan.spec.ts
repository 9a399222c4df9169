import type { Route } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import type { PooledModel } from '../models/pooled-model.js';
import { chooseRoute, shadowsOf, shareOf } from './served-plan.js';

const served = (...weights: number[]) => ({
  routes: weights.map((weight, index) => ({
    route: { version: index + 1, weight } as Route,
    model: {} as PooledModel,
  })),
});

describe('chooseRoute', () => {
  it.each<[string, number[], number | undefined, number, number | undefined]>([
    ['the only one, whatever its weight', [0], undefined, 0.99, 1],
    ['the first below its share', [90, 10], undefined, 0.89, 1],
    ['the second beyond it', [90, 10], undefined, 0.9, 2],
    ['none of weight 0', [100, 0], undefined, 0.9999, 1],
    ['the first when all weigh nothing', [0, 0], undefined, 0.5, 1],
    ['the one that is named, whatever its weight', [100, 0], 2, 0, 2],
    ['nothing when the one named is not there', [100], 7, 0, undefined],
    ['nothing when there is nothing', [], undefined, 0, undefined],
  ])('takes %s', (_what, weights, version, random, expected) => {
    expect(chooseRoute(served(...weights), { version }, () => random)?.route.version).toBe(expected);
  });

  it('sends equal keys to the same version, and all keys by weight', () => {
    const plan = served(70, 30);
    const versions = Array.from({ length: 10_000 }, (_, key) => chooseRoute(plan, { stickyKey: `user-${key}` }));
    const share = versions.filter((chosen) => chosen?.route.version === 2).length / versions.length;
    expect(share).toBeGreaterThan(0.28);
    expect(share).toBeLessThan(0.32);
    expect(chooseRoute(plan, { stickyKey: 'user-7' })).toBe(versions[7]);
  });

  it('asks a shadow only by name', () => {
    const plan = served(0, 0, 100);
    const [, , last] = plan.routes;
    if (last) last.route.shadow = true;
    expect(chooseRoute(plan, {}, () => 0.99)?.route.version).toBe(1);
    expect(chooseRoute(plan, { version: 3 })).toBe(last);
    expect(shadowsOf(plan)).toEqual([last]);
    expect(chooseRoute({ routes: last ? [last] : [] })).toBeUndefined();
  });
});

describe('the share of a key', () => {
  it('is spread evenly, for keys that differ little', () => {
    const tenths = new Array<number>(10).fill(0);
    for (let key = 0; key < 10_000; key += 1) {
      const tenth = Math.floor(shareOf(String(key)) * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    expect(Math.min(...tenths)).toBeGreaterThan(900);
    expect(Math.max(...tenths)).toBeLessThan(1100);
  });
});
