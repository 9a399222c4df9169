import type { Attributes } from '../attributes.js';
import { fixed, ONE, times, UnboundedError, type Size } from '../shapes/size.js';
import { elements, valueOf, type Value } from '../shapes/value.js';
import { forestOf, indexedForestOf, type Forest } from './forest.js';
import { sameRule, type Call, type Outcome, type Rule } from './call.js';

/** A single dimension is one row to these operators. */
function rowsOf({ dims }: Value): Size {
  if (dims.length === 0) throw new UnboundedError('an input without dimensions');
  return dims.length === 1 ? ONE : (dims[0] ?? ONE);
}

function labelType(attributes: Attributes): 'string' | 'int64' {
  return attributes.count('classlabels_strings') > 0 ? 'string' : 'int64';
}

function labelCount(attributes: Attributes, integers: string): number {
  return attributes.count('classlabels_strings') || attributes.count(integers);
}

function classified(call: Call, scores: number, work: number, perRow: number): Outcome {
  const rows = rowsOf(call.input(0));
  return {
    outputs: [valueOf(labelType(call.attributes), [rows]), valueOf('float32', [rows, fixed(scores)])],
    work: times(rows, fixed(work)),
    scratch: [valueOf('float64', [rows, fixed(perRow)])],
  };
}

function regressed(call: Call, targets: number, work: number, perRow: number): Outcome {
  const rows = rowsOf(call.input(0));
  const { type } = call.input(0);
  return {
    outputs: [valueOf(type === 'float64' ? type : 'float32', [rows, fixed(targets)])],
    work: times(rows, fixed(work)),
    scratch: [valueOf('float64', [rows, fixed(perRow)])],
  };
}

const visits = ({ trees, depth }: Forest) => trees * depth;

const treeClassifier: Rule = (call) => {
  const classes = labelCount(call.attributes, 'classlabels_int64s');
  return classified(call, classes, visits(forestOf(call.attributes)), 2 * classes);
};

const treeRegressor: Rule = (call) => {
  const targets = call.int('n_targets', 1);
  return regressed(call, targets, visits(forestOf(call.attributes)), 2 * targets);
};

const treeEnsemble: Rule = (call) => {
  const targets = call.int('n_targets', 1);
  return regressed(call, targets, visits(indexedForestOf(call.attributes)), 2 * targets);
};

const linearClassifier: Rule = (call) => {
  const targets = call.attributes.count('intercepts');
  const addsOther = targets === 1 && labelCount(call.attributes, 'classlabels_ints') === 2;
  return classified(call, addsOther ? 2 : targets, call.attributes.count('coefficients'), 1);
};

const linearRegressor: Rule = (call) =>
  regressed(call, call.int('targets', 1), call.attributes.count('coefficients'), 1);

/** Without probabilities, the scores are those of every pair of classes. */
const svmClassifier: Rule = (call) => {
  const { attributes } = call;
  const classes = labelCount(attributes, 'classlabels_ints');
  const vectors = (attributes.ints('vectors_per_class') ?? []).reduce((sum, count) => sum + count, 0);
  const pairs = (classes * (classes - 1)) / 2;
  const isPaired = vectors > 0 && attributes.count('prob_a') === 0;
  const scores = isPaired ? Math.max(pairs, 2) : classes;
  const work = attributes.count('support_vectors') + vectors * classes + attributes.count('coefficients');
  return classified(call, scores, work, vectors + classes ** 2 + pairs + classes);
};

const svmRegressor: Rule = (call) => {
  const vectors = call.int('n_supports', 0);
  const { attributes } = call;
  return regressed(call, 1, attributes.count('support_vectors') + attributes.count('coefficients'), vectors);
};

const sameAsFloats: Rule = (call) => ({ outputs: [valueOf('float32', call.input(0).dims)] });
const same: Rule = (call) => ({ outputs: [valueOf(call.input(0).type, call.input(0).dims)] });

const oneHotEncoder: Rule = (call) => {
  const count = call.attributes.count('cats_int64s') || call.attributes.count('cats_strings');
  return { outputs: [valueOf('float32', [...call.input(0).dims, fixed(count)])] };
};

const labelEncoder: Rule = (call) => {
  const { attributes } = call;
  const { type, dims } = call.input(0);
  const tensor = attributes.tensor('values_tensor');
  const lists = { values_strings: 'string', values_int64s: 'int64', values_floats: 'float32' } as const;
  const names = Object.keys(lists) as (keyof typeof lists)[];
  const list = names.find((name) => attributes.count(name) > 0);
  // Before version 2 it went from texts to numbers, or back.
  const otherWay = type === 'string' ? 'int64' : 'string';
  return { outputs: [valueOf(tensor?.type ?? (list ? lists[list] : otherWay), dims)] };
};

const categoryMapper: Rule = (call) => {
  const { type, dims } = call.input(0);
  return { outputs: [valueOf(type === 'string' ? 'int64' : 'string', dims)] };
};

const arrayFeatureExtractor: Rule = (call) => {
  const [x, indices] = [call.input(0), call.input(1)];
  const rest = x.dims.length > 1 ? x.dims.slice(0, -1) : [ONE];
  return { outputs: [valueOf(x.type, [...rest, elements(indices.dims)])] };
};

const featureVectorizer: Rule = (call) => {
  const widths = call.attributes.ints('inputdimensions') ?? [];
  const width = widths.reduce((sum, one) => sum + one, 0);
  return { outputs: [valueOf('float32', [rowsOf(call.input(0)), fixed(width)])] };
};

/** Entries of a map take about as much as three strings. Nothing else takes maps in, so it never matters what it is. */
const zipMap: Rule = (call) => ({ outputs: [valueOf('string', [...call.input(0).dims, fixed(3)])] });

/** Operators of `ai.onnx.ml`. */
export const classical: Readonly<Record<string, Rule>> = {
  TreeEnsembleClassifier: treeClassifier,
  TreeEnsembleRegressor: treeRegressor,
  TreeEnsemble: treeEnsemble,
  LinearClassifier: linearClassifier,
  LinearRegressor: linearRegressor,
  SVMClassifier: svmClassifier,
  SVMRegressor: svmRegressor,
  ...sameRule('Scaler Normalizer', sameAsFloats),
  ...sameRule('Binarizer Imputer', same),
  OneHotEncoder: oneHotEncoder,
  LabelEncoder: labelEncoder,
  CategoryMapper: categoryMapper,
  ArrayFeatureExtractor: arrayFeatureExtractor,
  FeatureVectorizer: featureVectorizer,
  ZipMap: zipMap,
};
