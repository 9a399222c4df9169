import { featureCount, type EndpointPolicy, type LoggingPolicy, type TensorRecord } from '@baton/contracts';
import { createHmac } from 'node:crypto';
import { toJson, type ModelTensor } from '../runtime/tensors.js';

/**
 * Tensors as the data policy of the endpoint lets them be recorded: each value in full, as a keyed hash (feature
 * values are guessable, so a plain hash would hide nothing), or not at all.
 * @param names of the values of a row, over all tensors in order
 */
export function loggedTensors(
  tensors: readonly ModelTensor[],
  names: readonly string[],
  policy: Pick<EndpointPolicy, 'logging' | 'features'>,
  hashKey: Buffer,
): TensorRecord[] {
  let position = 0;
  return tensors.map((tensor) => {
    const { name, datatype, shape } = tensor;
    const width = featureCount(tensor) ?? 0;
    const columns = names.slice(position, position + width);
    position += width;
    const rules = columns.map((column) => policy.features[column] ?? policy.logging);
    const data = logged(tensor, rules, policy.logging, hashKey);
    return { name, datatype, shape: [...shape], ...(data ? { data } : {}) };
  });
}

function logged(tensor: ModelTensor, rules: readonly LoggingPolicy[], standard: LoggingPolicy, key: Buffer) {
  const used = rules.length > 0 ? rules : [standard];
  if (used.every((rule) => rule === 'none')) return undefined;
  const values = toJson(tensor);
  if (used.every((rule) => rule === 'full')) return values;
  return values.map((value, index) => {
    const rule = used[index % used.length];
    if (rule === 'none' || value === null) return null;
    return rule === 'hash' ? createHmac('sha256', key).update(String(value)).digest('hex') : value;
  });
}
