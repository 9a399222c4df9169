import { describe, expect, it } from 'vitest';
import { Estimate } from '../estimate.js';
import { readGraph } from '../graph.js';
import { at } from '../shapes/size.js';
import { bytesField, integerField } from '../wire-writer.js';
import {
  floats,
  FLOAT,
  input,
  INT64,
  model,
  node,
  numbers,
  STRING,
  type NodeParts,
  type Sizes,
} from '../written-models.js';

const ROWS = 7;
const ml = (attributes: NodeParts['attributes']): NodeParts => ({ domain: 'ai.onnx.ml', attributes });

interface Case {
  readonly x?: Sizes;
  readonly type?: number;
  /** A second input, of floats. */
  readonly w?: Sizes;
  /** Constant inputs by name. */
  readonly numbers?: Readonly<Record<string, readonly number[]>>;
  readonly parts?: NodeParts;
}

/** What the rule of an operator says of its outputs for seven rows: type and sizes, as `float32 7x2`. */
function outcome(
  operator: string,
  { x = ['N', 3], type = FLOAT, w, numbers: constants = {}, parts = {} }: Case,
): string[] {
  const others = Object.entries(constants).map(([name, values]) => numbers(name, values));
  const inputs = ['x', ...(w ? ['w'] : []), ...Object.keys(constants)];
  const graph = readGraph(
    model(input('x', x, type), ...(w ? [input('w', w)] : []), ...others, node(operator, { inputs, ...parts })),
  );
  const estimate = new Estimate(graph, ROWS);
  estimate.needs({});
  return (parts.outputs ?? ['y']).map((name) => {
    const value = estimate.values.get(name);
    return `${value?.type} ${value?.dims.map((size) => at(size, ROWS)).join('x')}`;
  });
}

const shape = (name: string, values: readonly number[]) => ({ numbers: { [name]: values } });
const attributes = (of: NodeParts['attributes']) => ({ parts: { attributes: of } });
const picture: Sizes = ['N', 3, 32, 24];
const labels = { classlabels_strings: ['no', 'yes', 'maybe'] };
const stump = {
  nodes_treeids: [0, 0, 0],
  nodes_nodeids: [0, 1, 2],
  nodes_modes: ['BRANCH_LEQ', 'LEAF', 'LEAF'],
  nodes_truenodeids: [1, 0, 0],
  nodes_falsenodeids: [2, 0, 0],
};

describe('the rule of an operator', () => {
  it.each<[string, string, Case, string[]]>([
    ['as it was', 'Relu', {}, ['float32 7x3']],
    ['side by side', 'Add', { w: [3] }, ['float32 7x3']],
    ['side by side in both directions', 'Mul', { x: ['N', 1], w: [5, 1, 4] }, ['float32 5x7x4']],
    ['answers of yes and no', 'Less', { w: ['N', 1] }, ['bool 7x3']],
    ['a cast', 'Cast', attributes({ to: 11 }), ['float64 7x3']],
    ['a product', 'MatMul', { w: [3, 5] }, ['float32 7x5']],
    ['a product of stacks', 'MatMul', { x: ['N', 2, 4, 3], w: [2, 3, 5] }, ['float32 7x2x4x5']],
    ['a product with a vector', 'MatMul', { w: [3] }, ['float32 7']],
    ['a product turned', 'Gemm', { x: [3, 'N'], w: [5, 3], ...attributes({ transA: 1, transB: 1 }) }, ['float32 7x5']],
    [
      'a convolution',
      'Conv',
      { x: picture, w: [8, 3, 3, 3], ...attributes({ strides: [2, 2], pads: [1, 1, 1, 1] }) },
      ['float32 7x8x16x12'],
    ],
    [
      'of the same size',
      'Conv',
      { x: picture, w: [8, 3, 5, 5], ...attributes({ strides: [3, 1], auto_pad: 'SAME_UPPER' }) },
      ['float32 7x8x11x24'],
    ],
    [
      'with gaps',
      'Conv',
      { x: picture, w: [6, 1, 3, 3], ...attributes({ dilations: [2, 2], group: 3 }) },
      ['float32 7x6x28x20'],
    ],
    [
      'back again',
      'ConvTranspose',
      { x: picture, w: [3, 4, 2, 2], ...attributes({ strides: [2, 2] }) },
      ['float32 7x4x64x48'],
    ],
    [
      'the largest, and where',
      'MaxPool',
      {
        x: picture,
        parts: { outputs: ['y', 'i'], attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 } },
      },
      ['float32 7x3x16x12', 'int64 7x3x16x12'],
    ],
    ['the mean of all', 'GlobalAveragePool', { x: picture }, ['float32 7x3x1x1']],
    ['a sum that keeps', 'ReduceSum', shape('axes', [-1]), ['float32 7x1']],
    ['a sum that drops', 'ReduceMean', { x: picture, ...attributes({ axes: [2, 3], keepdims: 0 }) }, ['float32 7x3']],
    ['where the largest is', 'ArgMax', attributes({ axis: 1, keepdims: 0 }), ['int64 7']],
    ['the first few', 'TopK', { ...shape('k', [2]), parts: { outputs: ['y', 'i'] } }, ['float32 7x2', 'int64 7x2']],
    ['another shape', 'Reshape', { x: picture, ...shape('shape', [0, -1, 4]) }, ['float32 7x576x4']],
    ['flat', 'Flatten', { x: picture }, ['float32 7x2304']],
    ['turned', 'Transpose', { x: picture, ...attributes({ perm: [0, 2, 3, 1] }) }, ['float32 7x32x24x3']],
    ['less dimensions', 'Squeeze', { x: ['N', 1, 3, 1], ...shape('axes', [1, -1]) }, ['float32 7x3']],
    ['more dimensions', 'Unsqueeze', shape('axes', [0, -1]), ['float32 1x7x3x1']],
    ['its shape', 'Shape', { x: picture, ...attributes({ start: 1 }) }, ['int64 3']],
    ['one behind the other', 'Concat', { w: ['N', 2], ...attributes({ axis: -1 }) }, ['float32 7x5']],
    ['a part', 'Slice', { x: ['N', 10], numbers: { starts: [1], ends: [-1], axes: [1], steps: [3] } }, ['float32 7x3']],
    [
      'backwards',
      'Slice',
      { x: ['N', 10], numbers: { starts: [-1], ends: [-100], axes: [1], steps: [-1] } },
      ['float32 7x10'],
    ],
    ['the first row', 'Slice', { numbers: { starts: [0], ends: [1], axes: [0] } }, ['float32 1x3']],
    ['all rows', 'Slice', { numbers: { starts: [0], ends: [2 ** 62], axes: [0] } }, ['float32 7x3']],
    [
      'parts',
      'Split',
      { x: ['N', 5], parts: { outputs: ['a', 'b'], attributes: { axis: 1, split: [2, 3] } } },
      ['float32 7x2', 'float32 7x3'],
    ],
    [
      'parts, the last one smaller',
      'Split',
      { x: ['N', 5], parts: { outputs: ['a', 'b'], attributes: { axis: 1, num_outputs: 2 } } },
      ['float32 7x3', 'float32 7x2'],
    ],
    ['those that are named', 'Gather', { ...shape('i', [0, 2]), ...attributes({ axis: 1 }) }, ['float32 7x2']],
    ['stretched', 'Expand', { x: ['N', 1], ...shape('shape', [2, 1, 5]) }, ['float32 2x7x5']],
    ['repeated', 'Tile', shape('repeats', [1, 4]), ['float32 7x12']],
    ['with a border', 'Pad', { x: picture, ...shape('pads', [0, 0, 1, 2, 0, 0, 3, 4]) }, ['float32 7x3x36x30']],
    [
      'a norm, with what it was made of',
      'LayerNormalization',
      { w: [3], parts: { outputs: ['y', 'm', 's'] } },
      ['float32 7x3', 'float32 7x1', 'float32 7x1'],
    ],
    [
      'a memory',
      'LSTM',
      {
        x: [5, 'N', 3],
        parts: { outputs: ['y', 'h', 'c'], attributes: { hidden_size: 4, direction: 'bidirectional' } },
      },
      ['float32 5x2x7x4', 'float32 2x7x4', 'float32 2x7x4'],
    ],
    [
      'labels and scores of trees',
      'TreeEnsembleClassifier',
      { parts: { ...ml({ ...labels, ...stump }), outputs: ['l', 's'] } },
      ['string 7', 'float32 7x3'],
    ],
    ['a value of trees', 'TreeEnsembleRegressor', { parts: ml({ n_targets: 2, ...stump }) }, ['float32 7x2']],
    [
      'both classes of one line',
      'LinearClassifier',
      {
        parts: {
          ...ml({ classlabels_ints: [0, 1], intercepts: floats(1), coefficients: floats(3) }),
          outputs: ['l', 's'],
        },
      },
      ['int64 7', 'float32 7x2'],
    ],
    [
      'pairs of classes',
      'SVMClassifier',
      {
        parts: {
          ...ml({ classlabels_ints: [1, 2, 3, 4], vectors_per_class: [1, 1, 1, 1], support_vectors: floats(12) }),
          outputs: ['l', 's'],
        },
      },
      ['int64 7', 'float32 7x6'],
    ],
    [
      'one of many',
      'OneHotEncoder',
      { x: ['N', 1], type: STRING, parts: ml({ cats_strings: ['a', 'b', 'c'] }) },
      ['float32 7x1x3'],
    ],
    [
      'other labels',
      'LabelEncoder',
      { x: ['N'], type: STRING, parts: ml({ keys_strings: ['a'], values_int64s: [1] }) },
      ['int64 7'],
    ],
    ['columns of all', 'FeatureVectorizer', { w: ['N', 2], parts: ml({ inputdimensions: [3, 2] }) }, ['float32 7x5']],
    ['columns by number', 'ArrayFeatureExtractor', { ...shape('i', [0, 2]), parts: ml({}) }, ['float32 7x2']],
    ['distances', 'CDist', { w: [10, 3], parts: { domain: 'com.microsoft' } }, ['float32 7x10']],
  ])('%s: %s', (_what, operator, of, expected) => {
    expect(outcome(operator, of)).toEqual(expected);
  });

  it.each<[string, string, Case, RegExp]>([
    ['sizes that meet for some rows only', 'Add', { w: [5, 3] }, /only some numbers of rows/],
    ['a shape that only some rows fit', 'Reshape', shape('shape', [2, -1]), /only some numbers of rows/],
    [
      'constants among fewer, the more rows there are',
      'Reshape',
      { x: [100], ...shape('shape', [-1, 3]) },
      /only some/,
    ],
    [
      'a window over the rows',
      'MaxPool',
      { x: [1, 1, 'N'], ...attributes({ kernel_shape: [3] }) },
      /depends on the rows/,
    ],
    ['more rows than there may be', 'Slice', { numbers: { starts: [0], ends: [5], axes: [0] } }, /depends on the rows/],
    ['all but some rows', 'Slice', { numbers: { starts: [2], ends: [2 ** 62], axes: [0] } }, /depends on the rows/],
    ['padding of the rows', 'Pad', shape('pads', [1, 0, 1, 0]), /padding of the rows/],
    ['rows that are dropped when there is one', 'Squeeze', {}, /single one/],
    ['a shape that a caller gives', 'Reshape', { w: [2] }, /only a run shows its shape/],
    ['steps of nothing', 'Conv', { x: picture, w: [8, 3, 3, 3], ...attributes({ strides: [0, 1] }) }, /does not fit/],
    ['a type that nobody knows', 'Cast', attributes({ to: 99 }), /not known/],
    ['scales', 'Resize', { w: [1] }, /scales/],
    [
      'a tree whose branches come back',
      'TreeEnsembleRegressor',
      { parts: ml({ ...stump, nodes_truenodeids: [1, 0, 0], nodes_modes: ['BRANCH_LEQ', 'BRANCH_LEQ', 'LEAF'] }) },
      /come back/,
    ],
    [
      'a tree with a branch to nowhere',
      'TreeEnsembleRegressor',
      { parts: ml({ ...stump, nodes_truenodeids: [9, 0, 0] }) },
      /nowhere/,
    ],
    ['an output too many', 'Relu', { parts: { outputs: ['y', 'z'] } }, /output 1/],
    ['an attribute with a graph', 'Relu', attributes({ g: bytesField(6, node('Relu')) }), /control flow/],
    ['more texts than were given', 'Tile', { x: ['N'], type: STRING, ...shape('repeats', [9]) }, /multiplies texts/],
  ])('knows no bound of %s', (_what, operator, of, reason) => {
    expect(() => outcome(operator, of)).toThrow(reason);
  });

  it('follows numbers of a shape as PyTorch writes them', () => {
    const constant = (name: string, value: number) =>
      node('Constant', {
        inputs: [],
        outputs: [name],
        attributes: { value: bytesField(5, integerField(2, INT64), integerField(7, value)) },
      });
    const graph = readGraph(
      model(
        input('x', ['N', 4, 6]),
        numbers('first', [0]),
        constant('zero', 0),
        node('Shape', { outputs: ['all'] }),
        node('Gather', { inputs: ['all', 'zero'], outputs: ['rows'], attributes: { axis: 0 } }),
        node('Unsqueeze', { inputs: ['rows', 'first'], outputs: ['rows1'] }),
        numbers('rest', [-1, 3]),
        node('Concat', { inputs: ['rows1', 'rest'], outputs: ['shape'], attributes: { axis: 0 } }),
        node('Reshape', { inputs: ['x', 'shape'] }),
        numbers('minus', [-1, -1, -1]),
        node('Equal', { inputs: ['shape', 'minus'], outputs: ['open'] }),
        numbers('ones', [1, 8, 1]),
        node('Where', { inputs: ['open', 'ones', 'shape'], outputs: ['wanted'] }),
        node('Expand', { inputs: ['y', 'wanted'], outputs: ['z'] }),
      ),
    );
    const estimate = new Estimate(graph, ROWS);
    estimate.needs({});
    expect(estimate.values.get('open')?.type).toBe('bool');
    expect(['y', 'z'].map((name) => estimate.values.get(name)?.dims.map((size) => at(size, ROWS)))).toEqual([
      [7, 8, 3],
      [7, 8, 3],
    ]);
  });

  it.each([
    ['a limit', [node('Identity', { inputs: ['all'], outputs: ['s'] })], 9],
    ['less than nothing', [numbers('one', [-1, -1]), node('Mul', { inputs: ['all', 'one'], outputs: ['s'] })], -1],
  ])('has no numbers where the rows have a say in which: %s', (_what, made, limit) => {
    const bytes = model(
      input('x', ['N', 2]),
      node('Shape', { outputs: ['all'] }),
      ...made,
      numbers('limits', [limit, limit]),
      node('Equal', { inputs: ['s', 'limits'], outputs: ['b'] }),
      numbers('many', [9, 9]),
      numbers('few', [1, 1]),
      node('Where', { inputs: ['b', 'many', 'few'], outputs: ['dims'] }),
      node('ConstantOfShape', { inputs: ['dims'] }),
    );
    expect(() => new Estimate(readGraph(bytes), ROWS).needs({})).toThrow(/only a run shows/);
  });
});
