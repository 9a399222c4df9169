import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { boundOf, type Bound } from './bound.js';
import { Estimate } from './estimate.js';
import { readGraph } from './graph.js';
import { at } from './shapes/size.js';
import { bytesField, integerField } from './wire-writer.js';
import {
  BOOL,
  FLOAT,
  initializer,
  input,
  INT64,
  mapsOutput,
  model,
  node,
  nodeProto,
  numbers,
} from './written-models.js';

const models = new URL('../../../test/data/models/', import.meta.url);
const ROWS = 100;
const bound = (...graph: readonly Buffer[]): Bound => boundOf(readGraph(model(...graph)), { rows: ROWS });

interface Info {
  readonly outputs: { readonly name: string; readonly datatype: string; readonly shape: number[] }[];
}

const datatypes: Readonly<Record<string, string | undefined>> = { float32: 'FP32', int64: 'INT64', string: 'BYTES' };

describe('real models', () => {
  it.each(readdirSync(models))('%s is bounded, and its outputs are what its author says', (name) => {
    const info = JSON.parse(readFileSync(new URL(`${name}/info.json`, models), 'utf8')) as Info;
    const graph = readGraph(readFileSync(new URL(`${name}/model.onnx`, models)));
    const result = boundOf(graph, { rows: ROWS });
    expect(result).toMatchObject({ bounded: true, fixedMacs: 0 });
    const estimate = new Estimate(graph, ROWS);
    estimate.needs({});
    for (const { name: output, datatype, shape } of info.outputs) {
      // Maps have no shape.
      if (graph.outputs.find((one) => one.name === output)?.type?.kind !== 'tensor') continue;
      const value = estimate.values.get(output);
      expect(value?.dims.map((size) => at(size, ROWS))).toEqual(shape.map((size) => (size === -1 ? ROWS : size)));
      expect(datatypes[value?.type ?? '']).toBe(datatype);
    }
  });

  it('digits needs the products of its layers for each row', () => {
    const graph = readGraph(readFileSync(new URL('digits/model.onnx', models)));
    const weights = [...graph.initializers.values()].filter(({ dims }) => dims.length === 2);
    const products = weights.reduce((sum, { dims }) => sum + (dims[0] ?? 0) * (dims[1] ?? 0), 0);
    const result = boundOf(graph, { rows: ROWS });
    expect(result.bounded && result.macsPerRow).toBeGreaterThan(products);
    expect(result.bounded && result.macsPerRow).toBeLessThan(1.2 * products);
  });
});

describe('the bound of a model', () => {
  it('counts what nodes make, and what the largest of them reads beside it', () => {
    const result = bound(input('x', ['N', 4]), node('Relu', { outputs: ['r'] }), node('Neg', { inputs: ['r'] }));
    const tensor = ROWS * 4 * 4;
    expect(result).toEqual({ bounded: true, peakBytes: 4 * tensor, macsPerRow: 8, fixedMacs: 0 });
  });

  it('grows with the rows, and tells apart what does not', () => {
    const graph = readGraph(
      model(
        input('x', ['N', 4]),
        initializer('a', FLOAT, [30, 4]),
        initializer('b', FLOAT, [4, 5]),
        node('MatMul', { inputs: ['a', 'b'], outputs: ['ab'] }),
        node('MatMul', { inputs: ['x', 'b'], outputs: ['xb'] }),
      ),
    );
    const [few, many] = [1, 1000].map((rows) => boundOf(graph, { rows }));
    expect([few, many]).toMatchObject([
      { macsPerRow: 20, fixedMacs: 600 },
      { macsPerRow: 20, fixedMacs: 600 },
    ]);
    expect(many?.bounded && few?.bounded && many.peakBytes > few.peakBytes).toBe(true);
  });

  it('counts texts as long as the longest of the model', () => {
    const labels = (text: string) => ({ keys_int64s: [1], values_strings: [text] });
    const of = (text: string) =>
      bound(input('x', ['N'], INT64), node('LabelEncoder', { domain: 'ai.onnx.ml', attributes: labels(text) }));
    expect(of('x'.repeat(1000))).toMatchObject({ bounded: true });
    expect(
      (of('x'.repeat(1000)) as { peakBytes: number }).peakBytes - (of('x') as { peakBytes: number }).peakBytes,
    ).toBe(2 * 999 * ROWS);
  });

  it('takes sizes of other open dimensions from the caller', () => {
    const graph = readGraph(model(input('x', ['N', 'length', 4]), node('Relu')));
    expect(boundOf(graph, { rows: 2 })).toEqual({
      bounded: false,
      reason: 'the input "x" has a second open dimension, "length"',
    });
    expect(boundOf(graph, { rows: 2, sizes: { length: 10 } })).toMatchObject({ bounded: true, macsPerRow: 40 });
  });

  it('is for one row at least', () => {
    expect(() => boundOf(readGraph(model()), { rows: 0 })).toThrow(RangeError);
  });
});

const x = input('x', ['N', 4]);
const loop = node('Loop', {
  name: 'forever',
  inputs: ['turns', 'true', 'x'],
  attributes: { body: bytesField(6, node('Identity')) },
});
const ownRelu = bytesField(25, bytesField(1, 'Relu'), bytesField(10, 'ai.onnx'), bytesField(7, nodeProto('Exp')));
/** Its own square, again and again: each has as many elements as the one before, squared. */
const squares = (count: number) =>
  Array.from({ length: count }, (_, i) => [
    node('Reshape', { inputs: [i === 0 ? 'x' : `y${i - 1}`, 'column'], outputs: [`c${i}`] }),
    node('Transpose', { inputs: [`c${i}`], outputs: [`t${i}`] }),
    node('Mul', { inputs: [`c${i}`, `t${i}`], outputs: [`y${i}`] }),
  ]).flat();

describe('hostile models', () => {
  it.each<[string, readonly Buffer[], RegExp]>([
    [
      'a loop without an end',
      [x, initializer('turns', INT64, [], [9]), initializer('true', BOOL, []), loop],
      /Loop "forever": control flow/,
    ],
    ['a choice', [x, node('If', { name: 'choice' })], /If "choice": control flow/],
    ['as much as the data say', [x, node('NonZero', { name: 'found' })], /NonZero "found": how much it finds/],
    ['an operator without a rule', [x, node('Einsum', { name: 'sum' })], /Einsum "sum": no rule/],
    [
      'a shape that a caller gives',
      [input('x', [2], INT64), node('ConstantOfShape')],
      /ConstantOfShape "y": only a run shows/,
    ],
    [
      'an input that is made later',
      [x, node('Relu', { inputs: ['late'], outputs: ['y'] }), node('Relu', { outputs: ['late'] })],
      /"late" is not made before/,
    ],
    [
      'a circle',
      [x, node('Add', { inputs: ['x', 'b'], outputs: ['a'] }), node('Relu', { inputs: ['a'], outputs: ['b'] })],
      /"b" is not made before/,
    ],
    ['a name that is made twice', [x, node('Relu'), node('Relu')], /"y" is made twice/],
    ['squares of squares', [x, numbers('column', [-1, 1]), ...squares(9)], /counted|grow/],
    [
      'sizes that come to more than numbers can',
      [x, numbers('shape', [2 ** 40, 2 ** 40, 4]), node('Expand', { inputs: ['x', 'shape'] })],
      /counted|rows/,
    ],
    ['a negative size', [x, numbers('shape', [-5]), node('ConstantOfShape', { inputs: ['shape'] })], /whole number/],
    [
      'a hundred dimensions',
      [
        x,
        ...Array.from({ length: 100 }, (_, i) =>
          node('Unsqueeze', { inputs: [i === 0 ? 'x' : `u${i - 1}`, 'axes'], outputs: [`u${i}`] }),
        ),
        numbers('axes', [0]),
      ],
      /more than 64 dimensions/,
    ],
    [
      'maps that go in',
      [bytesField(11, bytesField(1, 'm'), bytesField(2, bytesField(5))), node('Relu')],
      /"m" is no tensor/,
    ],
    [
      'a shape that is not said',
      [bytesField(11, bytesField(1, 'x'), bytesField(2, bytesField(1, integerField(1, FLOAT)))), node('Relu')],
      /no type or no shape/,
    ],
    ['sparse weights', [x, bytesField(15), node('Relu')], /sparse/],
    [
      'more of a constant, the fewer rows there are',
      [
        x,
        initializer('many', FLOAT, [1_000_000]),
        node('Shape', { outputs: ['s'], attributes: { end: 1 } }),
        numbers('rest', [-1]),
        node('Concat', { inputs: ['s', 'rest'], outputs: ['wanted'], attributes: { axis: 0 } }),
        node('Reshape', { inputs: ['many', 'wanted'] }),
      ],
      /only some numbers of rows/,
    ],
    [
      'a size that shrinks as rows are added',
      [
        x,
        numbers('most', [1_000_000]),
        node('Shape', { outputs: ['s'], attributes: { end: 1 } }),
        node('Sub', { inputs: ['most', 's'], outputs: ['d'] }),
        node('ConstantOfShape', { inputs: ['d'] }),
      ],
      /only a run shows/,
    ],
  ])('are not bounded: %s', (_what, graph, reason) => {
    const result = bound(...graph);
    expect(result.bounded ? 'bounded' : result.reason).toMatch(reason);
  });

  it('are not bounded where a function of theirs has the name of an operator', () => {
    const bytes = Buffer.concat([model(x, node('Relu')), ownRelu]);
    expect(boundOf(readGraph(bytes), { rows: 1 })).toMatchObject({
      bounded: false,
      reason: expect.stringContaining('own') as string,
    });
  });

  it.each<[string, readonly Buffer[], number]>([
    [
      '4 GiB of zeros',
      [x, numbers('shape', [32_768, 32_768]), node('ConstantOfShape', { inputs: ['shape'] })],
      2 ** 32,
    ],
    [
      'a wide stretch',
      [input('x', ['N', 1]), numbers('shape', [1, 10_000_000]), node('Expand', { inputs: ['x', 'shape'] })],
      4e9,
    ],
    ['many repeats', [x, numbers('times', [1000, 1000]), node('Tile', { inputs: ['x', 'times'] })], 1.6e9],
    ['all rows beside all others, twice', [x, numbers('column', [-1, 1]), ...squares(2)], 1e11],
    [
      'a kilobyte that unfolds into a large picture',
      [input('x', ['N', 1, 1000, 1000]), initializer('w', FLOAT, [64, 1, 1, 1]), node('Conv', { inputs: ['x', 'w'] })],
      2.56e10,
    ],
  ])('need honestly much: %s', (_what, graph, bytes) => {
    const result = bound(...graph);
    expect(result.bounded).toBe(true);
    expect(result.bounded && result.peakBytes).toBeGreaterThan(bytes);
  });

  it('with as many nodes as are let in take no longer than they are', () => {
    const chain = Array.from({ length: 20_000 }, (_, i) =>
      node('Relu', { inputs: [i === 0 ? 'x' : `r${i - 1}`], outputs: [`r${i}`] }),
    );
    const graph = readGraph(model(x, ...chain));
    const start = performance.now();
    expect(boundOf(graph, { rows: 1 })).toMatchObject({ bounded: true, macsPerRow: 80_000 });
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('may give maps', () => {
    const zip = node('ZipMap', { domain: 'ai.onnx.ml', attributes: { classlabels_strings: ['a', 'b', 'c', 'd'] } });
    expect(bound(x, zip, mapsOutput('y'))).toMatchObject({ bounded: true });
  });
});
