import { invalidField } from './predictions.errors.js';
import type { GivenTensor } from './tensor-decoding.js';

/** An inference request of the Open Inference Protocol v2 in JSON, its outer form checked. */
export interface InferBody {
  readonly id?: string;
  readonly eventTime?: unknown;
  readonly inputs: GivenTensor[];
  readonly outputs?: string[];
}

const MAX_ID = 256;

/** @throws ServiceError 400 naming the field */
export function readInferBody(body: unknown): InferBody {
  if (!isRecord(body)) throw invalidField('body', 'must be a JSON object with "inputs"');
  const { id, inputs, outputs } = body;
  if (id !== undefined && (typeof id !== 'string' || id.length > MAX_ID)) {
    throw invalidField('id', `must be text of at most ${MAX_ID} characters`);
  }
  if (!Array.isArray(inputs) || inputs.length === 0)
    throw invalidField('inputs', 'must be a list of at least one tensor');
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
  refuseBinary(field, parametersOf(`${field}.parameters`, tensor['parameters']));
  const { name, datatype, shape, data } = tensor;
  return { name, datatype, shape, data };
}

function outputNamesOf(outputs: unknown): string[] | undefined {
  if (outputs === undefined || outputs === null) return undefined;
  if (!Array.isArray(outputs)) throw invalidField('outputs', 'must be a list of {"name": …}');
  return outputs.map((output: unknown, index) => {
    const field = `outputs[${index}]`;
    if (!isRecord(output) || typeof output['name'] !== 'string')
      throw invalidField(field, 'must be an object with a name');
    refuseBinary(field, parametersOf(`${field}.parameters`, output['parameters']));
    return output['name'];
  });
}

function refuseBinary(field: string, parameters: Record<string, unknown>): void {
  if (parameters['binary_data'] === true || parameters['binary_data_size'] !== undefined) {
    throw invalidField(field, 'binary tensor data is not understood: send JSON data, or use gRPC');
  }
}

function parametersOf(field: string, value: unknown): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) throw invalidField(field, 'must be an object');
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
