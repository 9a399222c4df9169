import { fixed, ONE, times, UnboundedError, type Size } from '../shapes/size.js';
import { elements, valueOf } from '../shapes/value.js';
import { type Rule } from './call.js';

const tfIdfVectorizer: Rule = (call) => {
  const { dims } = call.input(0);
  const indexes = call.attributes.ints('ngram_indexes') ?? [];
  const width = indexes.reduce((most, index) => Math.max(most, index + 1), 0);
  const looks = call.int('max_gram_length', 1) * (call.int('max_skip_count', 0) + 1) * call.int('max_gram_length', 1);
  const rows: Size[] = dims.length > 1 ? [dims[0] ?? ONE] : [];
  return { outputs: [valueOf('float32', [...rows, fixed(width)])], work: times(elements(dims), fixed(looks)) };
};

const stringNormalizer: Rule = (call) => {
  if (call.attributes.count('stopwords') > 0) throw new UnboundedError('how many words it leaves depends on the data');
  return { outputs: [valueOf('string', call.input(0).dims)] };
};

export const texts: Readonly<Record<string, Rule>> = {
  TfIdfVectorizer: tfIdfVectorizer,
  StringNormalizer: stringNormalizer,
};
