import type { TensorSignature } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import { profileOf } from '../drift/reference-profile.js';
import { featureColumns, type VersionSignature } from './feature-columns.js';

const tensor = (name: string, shape: number[], datatype: TensorSignature['datatype'] = 'FP32') => ({
  name,
  datatype,
  shape,
});
const full = { logging: 'full' as const, features: {} };
const weather: VersionSignature = {
  inputs: [tensor('features', [-1, 2])],
  outputs: [tensor('label', [-1], 'BYTES'), tensor('probabilities', [-1, 2])],
  features: ['wind', 'rain'],
};
const reference = profileOf(
  ['wind', 'rain', 'prediction'],
  [
    ['1', 'no', 'sun'],
    ['2', 'yes', 'rain'],
  ],
);

describe('featureColumns', () => {
  it('finds the features of a wide input by their names, in the order of the registry', () => {
    const columns = featureColumns(weather, full, reference).filter(({ role }) => role === 'input');

    expect(columns).toMatchObject([
      { name: 'wind', tensor: 'features', index: 0, width: 2, kind: 'numeric', profile: { name: 'wind' } },
      { name: 'rain', tensor: 'features', index: 1, width: 2 },
    ]);
  });

  it('holds the first single-valued output against the column "prediction", and the others against nothing', () => {
    const columns = featureColumns(weather, full, reference).filter(({ role }) => role === 'output');

    expect(columns.map(({ name, kind, profile }) => [name, kind, profile?.name])).toEqual([
      ['label', 'categorical', 'prediction'],
      ['probabilities.0', 'numeric', undefined],
      ['probabilities.1', 'numeric', undefined],
    ]);
  });

  it('prefers a column that is named as the output', () => {
    const named = profileOf(['label', 'prediction'], [['sun', 'rain']]);

    expect(featureColumns(weather, full, named).find(({ name }) => name === 'label')?.profile?.name).toBe('label');
  });

  it('compares no numbers with names: somebody encoded them on the way', () => {
    const rain = featureColumns(weather, full, reference).find(({ name }) => name === 'rain');

    expect(rain).toMatchObject({ kind: 'numeric', profile: undefined });
  });

  it.each([
    ['nothing is logged', { logging: 'none' as const, features: {} }, []],
    ['only hashes are logged', { logging: 'hash' as const, features: {} }, []],
    ['one feature is left out', { logging: 'full' as const, features: { rain: 'hash' as const } }, ['wind']],
    ['one feature is let through', { logging: 'none' as const, features: { rain: 'full' as const } }, ['rain']],
  ])('watches what is logged in full, when %s', (_what, policy, names) => {
    const columns = featureColumns({ ...weather, outputs: [] }, policy, reference);

    expect(columns.map(({ name }) => name)).toEqual(names);
  });

  it('names the values of several inputs as the contracts do', () => {
    const inputs = [tensor('age', [-1, 1]), tensor('pixels', [-1, 2]), tensor('open', [-1, -1])];
    const columns = featureColumns({ inputs, outputs: [], features: [] }, full, undefined);

    expect(columns.map(({ name, tensor: of, index }) => [name, of, index])).toEqual([
      ['age', 'age', 0],
      ['pixels.0', 'pixels', 0],
      ['pixels.1', 'pixels', 1],
    ]);
  });

  it('does not watch an image value by value', () => {
    const inputs = [tensor('image', [-1, 3, 64, 64]), tensor('age', [-1])];

    expect(featureColumns({ inputs, outputs: [], features: [] }, full, undefined).map(({ name }) => name)).toEqual([
      'age',
    ]);
  });
});
