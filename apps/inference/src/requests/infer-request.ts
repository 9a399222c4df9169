import { binaryRefused, invalidField } from './requests.errors.js';
import type { GivenTensor } from './tensor-decoding.js';

/** An inference request of the Open Inference Protocol v2 in JSON, its outer form checked. */
export interface InferBody {
  readonly id?: string;
  readonly eventTime?: unknown;
  readonly inputs: GivenTensor[];
  readonly outputs?: string[];
}

/** @throws ServiceError 400 naming the field */
export function readInferBody(body: unknown): InferBody {
  if (!isRecord(body)) throw invalidField('body', 'must be a JSON object with "inputs"');
  const { id, inputs, outputs } = body;
  if (id !== undefined && typeof id !== 'string') throw invalidField('id', 'must be text');
  if (!Array.isArray(inputs) || inputs.length === 0) {
    throw invalidField('inputs', 'must be a list of at least one tensor');
  }
  const parameters = parametersOf('parameters', body['parameters']);
  const names = outputNamesOf(outputs);
  return {
    ...(id === undefined ? {} : { id }),
    eventTime: parameters['event_time'],
    inputs: inputs.map((tensor: unknown, index) => givenTensor(tensor, `inputs[${index}]`)),
    ...(names ? { outputs: names } : {}),
  };
}

function givenTensor(tensor: unknown, field: string): GivenTensor {
  if (!isRecord(tensor)) throw invalidField(field, 'must be an object with name, shape, datatype and data');
  const parameters = parametersOf(`${field}.parameters`, tensor['parameters']);
  if (parameters['binary_data_size'] !== undefined) throw binaryRefused(field);
  const { name, datatype, shape, data } = tensor;
  if (typeof name !== 'string') throw invalidField(`${field}.name`, 'must be text');
  return { name, datatype, shape, data };
}

/** Whether a caller would rather have binary data does not matter: clients read JSON where they get it. */
function outputNamesOf(outputs: unknown): string[] | undefined {
  if (outputs === undefined || outputs === null) return undefined;
  if (!Array.isArray(outputs)) throw invalidField('outputs', 'must be a list of {"name": …}');
  return outputs.map((output: unknown, index) => {
    const field = `outputs[${index}]`;
    if (!isRecord(output) || typeof output['name'] !== 'string') {
      throw invalidField(field, 'must be an object with a name');
    }
    return output['name'];
  });
}

function parametersOf(field: string, value: unknown): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) throw invalidField(field, 'must be an object');
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
