import type { Datatype, TensorSignature } from '@baton/contracts';
import type { InferenceAnswer } from './data-plane.js';
import { invalidField } from './predictions.errors.js';
import { fromRaw, toRaw } from './raw-tensors.js';
import { decodeInputs, type GivenTensor } from './tensor-decoding.js';
import type { ModelTensor } from '../runtime/tensors.js';

/** Messages as proto-loader gives them: 64-bit integers as text. */
interface GrpcTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly string[];
  readonly contents?: Readonly<Record<string, readonly unknown[]>> | null;
}

export interface GrpcParameter {
  readonly string_param?: string;
}

export interface GrpcInferRequest {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly parameters: Readonly<Record<string, GrpcParameter>>;
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

/** @throws ServiceError 400 naming the input */
export function decodeGrpcInputs(request: GrpcInferRequest, inputs: readonly TensorSignature[]): ModelTensor[] {
  const { raw_input_contents: raw } = request;
  if (raw.length === 0) return decodeInputs(request.inputs.map(toGiven), inputs);
  if (raw.length !== request.inputs.length) {
    throw invalidField('raw_input_contents', `there are ${raw.length} for ${request.inputs.length} inputs`);
  }
  const tensors = request.inputs.map((tensor, index) => {
    if (hasContents(tensor)) throw invalidField(tensor.name, 'it has typed and raw contents: send one of them');
    const wanted = inputs.find(({ name }) => name === tensor.name);
    if (!wanted) throw invalidField(`inputs[${index}].name`, `"${tensor.name}" is no input of the model`);
    if (wanted.datatype !== tensor.datatype)
      throw invalidField(tensor.name, `its datatype is ${wanted.datatype}, not ${tensor.datatype}`);
    return fromRaw(raw[index] ?? Buffer.alloc(0), tensor.shape.map(Number), wanted);
  });
  return inputs.map(({ name }) => {
    const found = tensors.filter((tensor) => tensor.name === name);
    if (found[0] && found.length === 1) return found[0];
    throw invalidField('inputs', found.length === 0 ? `the input "${name}" is missing` : `"${name}" comes twice`);
  });
}

/** Raw contents always: clients read typed ones as empty. */
export function toGrpcResponse(request: GrpcInferRequest, { prediction, route, outputs }: InferenceAnswer) {
  const parameters = { prediction, deployment: route.deployment, digest: route.digest };
  return {
    model_name: request.model_name,
    model_version: String(route.version),
    id: request.id,
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, text]) => [name, { string_param: text }])),
    outputs: outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    raw_output_contents: outputs.map(toRaw),
  };
}

function toGiven(tensor: GrpcTensor): GivenTensor {
  const { name, datatype, shape, contents } = tensor;
  const field = contentFields[datatype as Datatype];
  const filled = Object.entries(contents ?? {}).filter(([, values]) => values.length > 0);
  const wrong = filled.find(([used]) => used !== field);
  if (wrong)
    throw invalidField(name, `its values are in ${wrong[0]}, and those of ${datatype} belong in ${String(field)}`);
  const values = filled[0]?.[1] ?? [];
  const data = datatype === 'BYTES' ? values.map((bytes) => (bytes as Buffer).toString('utf8')) : values;
  return { name, datatype, shape: shape.map(Number), data };
}

function hasContents({ contents }: GrpcTensor): boolean {
  return Object.values(contents ?? {}).some((values) => values.length > 0);
}
