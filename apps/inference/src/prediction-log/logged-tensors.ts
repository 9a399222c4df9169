import {
  featureCount,
  featureNames,
  type EndpointPolicy,
  type LoggingPolicy,
  type TensorRecord,
  type TensorSignature,
} from '@baton/contracts';
import { createHmac } from 'node:crypto';
import { toJson, type ModelTensor } from '../runtime/tensors.js';

export interface LoggingRules {
  readonly policy: Pick<EndpointPolicy, 'logging' | 'features'>;
  readonly hashKey: Buffer;
}

/**
 * Tensors as the data policy of the endpoint lets them be recorded: each value in full, as a keyed hash (feature
 * values are guessable, so a plain hash would hide nothing), or not at all.
 * @param signature of the model, by whose dimensions the values of a row have names
 * @param names of the values of a row, over all tensors of the signature in order
 */
export function loggedTensors(
  tensors: readonly ModelTensor[],
  signature: readonly TensorSignature[],
  rules: LoggingRules,
  names: readonly string[] = featureNames(signature),
): TensorRecord[] {
  const columns = columnsOf(signature, names);
  return tensors.map((tensor) => {
    const { name, datatype, shape } = tensor;
    // Where the values of a row have no names, the tensor's own name stands for all of them.
    const data = loggedValues(tensor, columns.get(name) ?? [name], rules);
    return { name, datatype, shape: [...shape], ...(data ? { data } : {}) };
  });
}

/** Names of the values of a row, by tensor. */
function columnsOf(signature: readonly TensorSignature[], names: readonly string[]): ReadonlyMap<string, string[]> {
  const columns = new Map<string, string[]>();
  let position = 0;
  for (const tensor of signature) {
    const width = featureCount(tensor) ?? 0;
    const ofRow = names.slice(position, position + width);
    if (width > 0 && ofRow.length === width) columns.set(tensor.name, ofRow);
    position += width;
  }
  return columns;
}

function loggedValues(tensor: ModelTensor, columns: readonly string[], { policy, hashKey }: LoggingRules) {
  const rules = columns.map((column): LoggingPolicy => policy.features[column] ?? policy.logging);
  if (rules.every((rule) => rule === 'none')) return undefined;
  const values = toJson(tensor);
  if (rules.every((rule) => rule === 'full')) return values;
  return values.map((value, index) => {
    const at = index % columns.length;
    if (rules[at] === 'none' || value === null) return null;
    return rules[at] === 'hash' ? hashOf(columns[at] ?? '', value, hashKey) : value;
  });
}

/** Equal values of one feature have equal hashes; those of two features tell nothing about each other. */
function hashOf(column: string, value: number | string | boolean, key: Buffer): string {
  return createHmac('sha256', key).update(`${column}\0${value}`).digest('hex').slice(0, 32);
}
