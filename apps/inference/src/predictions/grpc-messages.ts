import type { Datatype, Route } from '@baton/contracts';
import { isUtf8 } from 'node:buffer';
import { toRaw } from '../requests/raw-tensors.js';
import { invalidField } from '../requests/requests.errors.js';
import { decodeInputs, type GivenTensor } from '../requests/tensor-decoding.js';
import type { InferenceAnswer, InferenceQuestion } from './data-plane.js';

/** Messages as proto-loader gives them: 64-bit integers as text, every list there. */
interface GrpcTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly string[];
  readonly contents?: Readonly<Record<string, readonly unknown[]>> | null;
}

export interface GrpcInferRequest {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly parameters: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly inputs: readonly GrpcTensor[];
  readonly outputs: readonly { readonly name: string }[];
  readonly raw_input_contents: readonly Buffer[];
}

/** The field that holds the values of each datatype. */
const contentFields: Readonly<Record<Datatype, string | undefined>> = {
  BOOL: 'bool_contents',
  INT8: 'int_contents',
  INT16: 'int_contents',
  INT32: 'int_contents',
  INT64: 'int64_contents',
  UINT8: 'uint_contents',
  UINT16: 'uint_contents',
  UINT32: 'uint_contents',
  UINT64: 'uint64_contents',
  FP16: undefined,
  FP32: 'fp32_contents',
  FP64: 'fp64_contents',
  BYTES: 'bytes_contents',
};

/** @throws ServiceError 400 naming the field or input */
export function readGrpcRequest(request: GrpcInferRequest, { inputs }: Route): InferenceQuestion {
  return {
    id: request.id === '' ? undefined : request.id,
    eventTime: valueOf(request.parameters['event_time']),
    outputs: request.outputs.map(({ name }) => name),
    inputs: decodeInputs(givenTensors(request), inputs),
  };
}

/** Raw contents always: clients read typed ones as empty. */
export function toGrpcResponse(endpoint: string, { prediction, route, id, outputs }: InferenceAnswer) {
  const parameters = { prediction, deployment: route.deployment, digest: route.digest };
  return {
    model_name: endpoint,
    model_version: String(route.version),
    id: id ?? '',
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, text]) => [name, { string_param: text }])),
    outputs: outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    raw_output_contents: outputs.map(toRaw),
  };
}

function givenTensors({ inputs, raw_input_contents: raw }: GrpcInferRequest): GivenTensor[] {
  if (inputs.length === 0) throw invalidField('inputs', 'there are none');
  if (raw.length === 0) return inputs.map(withTypedContents);
  if (raw.length !== inputs.length) {
    throw invalidField('raw_input_contents', `there are ${raw.length} for ${inputs.length} inputs`);
  }
  return inputs.map(({ name, datatype, shape, contents }, index) => {
    if (filledFields(contents).length > 0) {
      throw invalidField(name, 'it has typed contents, and the message raw_input_contents: send one of them');
    }
    return { name, datatype, shape: shape.map(Number), data: raw[index] };
  });
}

function withTypedContents({ name, datatype, shape, contents }: GrpcTensor): GivenTensor {
  const field = contentFields[datatype as Datatype];
  const wrong = filledFields(contents).find((used) => used !== field);
  if (wrong !== undefined) {
    const where = field === undefined ? 'raw_input_contents' : field;
    throw invalidField(name, `its values are in ${wrong}, and those of ${datatype} belong in ${where}`);
  }
  const values = (field === undefined ? undefined : contents?.[field]) ?? [];
  return { name, datatype, shape: shape.map(Number), data: typedValues(name, datatype, values) };
}

function typedValues(name: string, datatype: string, values: readonly unknown[]): unknown[] {
  if (datatype.endsWith('INT64')) return values.map((value) => BigInt(String(value)));
  if (datatype !== 'BYTES') return [...values];
  return values.map((bytes, index) => {
    if (!isUtf8(bytes as Buffer)) throw invalidField(`${name}[${index}]`, 'it is not UTF-8');
    return (bytes as Buffer).toString('utf8');
  });
}

function filledFields(contents: GrpcTensor['contents']): string[] {
  return Object.entries(contents ?? {}).flatMap(([field, values]) => (values.length > 0 ? [field] : []));
}

/** Of a parameter, whatever type it came in. */
function valueOf(parameter: Readonly<Record<string, unknown>> | undefined): unknown {
  return parameter && Object.values(parameter)[0];
}
