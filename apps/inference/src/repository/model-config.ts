import type { Datatype, Route, TensorSignature } from '@baton/contracts';

/** An input or output in Triton's words. */
export interface ConfiguredTensor {
  readonly name: string;
  readonly data_type: string;
  readonly dims: readonly number[];
  readonly reshape?: { readonly shape: readonly number[] };
}

/**
 * A version as Triton's model configuration describes it. Where all tensors leave their first dimension open, that
 * counts the rows of a batch, and the dimensions are those of one row.
 * @param maxRows of a batch
 */
export function modelConfig(endpoint: string, { inputs, outputs }: Pick<Route, 'inputs' | 'outputs'>, maxRows: number) {
  const isBatched = [...inputs, ...outputs].every(({ shape }) => shape[0] === -1);
  const configured = (tensor: TensorSignature) => configuredTensor(tensor, isBatched);
  return {
    name: endpoint,
    platform: 'onnxruntime_onnx',
    backend: 'onnxruntime',
    version_policy: { all: {} },
    max_batch_size: isBatched ? maxRows : 0,
    input: inputs.map(configured),
    output: outputs.map(configured),
    default_model_filename: 'model.onnx',
  };
}

/** Triton has no empty dimensions: a row of one value has one, and a reshape that takes it away. */
function configuredTensor({ name, datatype, shape }: TensorSignature, isBatched: boolean): ConfiguredTensor {
  const dims = isBatched ? shape.slice(1) : shape;
  const tensor = { name, data_type: typeOf(datatype), dims: [...dims] };
  return dims.length > 0 ? tensor : { ...tensor, dims: [1], reshape: { shape: [] } };
}

function typeOf(datatype: Datatype): string {
  return `TYPE_${datatype === 'BYTES' ? 'STRING' : datatype}`;
}
