import type { Route } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import type { ServedModel } from '../models/served-model.js';
import { chooseRoute } from './served-plan.js';

const served = (...weights: number[]) => ({
  routes: weights.map((weight, index) => ({
    route: { version: index + 1, weight } as Route,
    model: {} as ServedModel,
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
    expect(chooseRoute(served(...weights), version, () => random)?.route.version).toBe(expected);
  });
});
