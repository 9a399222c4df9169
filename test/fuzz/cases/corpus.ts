import { KEYS } from '../fuzz-keys.js';
import type { Dice } from '../dice.js';
import type { FuzzEndpoint } from '../fuzz-models.js';
import type { ExpectedTensor } from '../../integration/inference/released-models.js';

/** Valid requests, of which cases are made. */
export class Corpus {
  constructor(private readonly endpoints: readonly FuzzEndpoint[]) {}

  endpoint(dice: Dice): FuzzEndpoint {
    return dice.weighted(this.endpoints.map((endpoint) => [endpoint.share, endpoint]));
  }

  /** One whose rows have names. */
  named(dice: Dice): FuzzEndpoint {
    return dice.pick(this.endpoints.filter(({ model }) => model.features.length > 0));
  }

  name(dice: Dice): string {
    return dice.pick(this.endpoints).endpoint;
  }
}

/** Inputs of up to a few rows. */
export function inputsOf({ model }: FuzzEndpoint, dice: Dice): ExpectedTensor[] {
  const rows = model.expected.inputs[0]?.shape[0] ?? 1;
  const count = 1 + dice.small(Math.min(rows, 4));
  const first = dice.below(rows - count + 1);
  return model.expected.inputs.map(({ name, datatype, shape, data }) => {
    const width = data.length / rows;
    const taken = data.slice(first * width, (first + count) * width);
    return { name, datatype, shape: [count, ...shape.slice(1)], data: taken };
  });
}

/** Whoever may; now and then somebody who may not. */
export function authorization(dice: Dice, key: keyof typeof KEYS = 'predictor'): readonly [string, string][] {
  return dice.weighted<() => readonly [string, string][]>([
    [40, () => [['authorization', `Bearer ${KEYS[key]}`]]],
    [4, () => [['x-api-key', KEYS[key]]]],
    [1, () => []],
    [1, () => [['authorization', dice.pick(['Bearer', 'Bearer x', `bearer  ${KEYS[key]}`, 'Basic YTpi', 'Bearer é'])]]],
    [
      1,
      () => [
        ['authorization', `Bearer ${KEYS[key].slice(0, -1)}!`],
        ['x-api-key', KEYS[key]],
      ],
    ],
  ])();
}
