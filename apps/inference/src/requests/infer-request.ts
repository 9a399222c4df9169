import type { BinaryTensors } from './binary-request.js';
import type { Parameters, RequestedOutput } from './question.js';
import { booleanOf, isRecord, parametersOf, refuseSharedMemory, requestedOutput } from './request-fields.js';
import { noBinaryPart, invalidField } from './requests.errors.js';
import type { GivenTensor } from './tensor-decoding.js';

/** An inference request of the Open Inference Protocol v2 over REST, its outer form checked. */
export interface InferBody {
  readonly id?: string;
  readonly parameters: Parameters;
  readonly inputs: GivenTensor[];
  readonly outputs: RequestedOutput[];
  /** Whether outputs that say nothing of it come as raw bytes. */
  readonly isBinary: boolean;
}

/**
 * @param binary what follows the JSON, where something may
 * @throws ServiceError 400 naming the field
 */
export function readInferBody(body: unknown, binary?: BinaryTensors): InferBody {
  if (!isRecord(body)) throw invalidField('body', 'must be a JSON object with "inputs"');
  const { id, inputs, outputs } = body;
  if (id !== undefined && typeof id !== 'string') throw invalidField('id', 'must be text');
  if (!Array.isArray(inputs) || inputs.length === 0) {
    throw invalidField('inputs', 'must be a list of at least one tensor');
  }
  const parameters = parametersOf('parameters', body['parameters']);
  const wanted = outputsOf(outputs);
  const given = inputs.map((tensor: unknown, index) => givenTensor(tensor, `inputs[${index}]`, binary));
  binary?.end();
  return {
    ...(id === undefined ? {} : { id }),
    parameters,
    inputs: given,
    outputs: wanted,
    isBinary: booleanOf('parameters.binary_data_output', parameters['binary_data_output']) ?? false,
  };
}

function givenTensor(tensor: unknown, field: string, binary: BinaryTensors | undefined): GivenTensor {
  if (!isRecord(tensor)) throw invalidField(field, 'must be an object with name, shape, datatype and data');
  const parameters = parametersOf(`${field}.parameters`, tensor['parameters']);
  refuseSharedMemory(field, parameters);
  const { name, datatype, shape, data } = tensor;
  if (typeof name !== 'string') throw invalidField(`${field}.name`, 'must be text');
  const size = parameters['binary_data_size'];
  if (size === undefined) return { name, datatype, shape, data };
  if (!binary) throw noBinaryPart(field);
  if (data !== undefined) throw invalidField(name, 'it has data and a binary_data_size: send one of them');
  return { name, datatype, shape, data: binary.take(`${field}.parameters.binary_data_size`, size) };
}

function outputsOf(outputs: unknown): RequestedOutput[] {
  if (outputs === undefined || outputs === null) return [];
  if (!Array.isArray(outputs)) throw invalidField('outputs', 'must be a list of {"name": …}');
  return outputs.map((output: unknown, index) => {
    const field = `outputs[${index}]`;
    if (!isRecord(output) || typeof output['name'] !== 'string') {
      throw invalidField(field, 'must be an object with a name');
    }
    return requestedOutput(field, output['name'], parametersOf(`${field}.parameters`, output['parameters']));
  });
}
