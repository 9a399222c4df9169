import { halfToNumber } from './half.js';
import type { Answer } from './question.js';
import { refuseLargeOutput } from './reading-limits.js';
import { toRaw } from './raw-tensors.js';
import type { ModelTensor } from '../runtime/tensors.js';

/** A tensor of an answer, and whether its values stand behind the JSON. */
export interface AnsweredTensor {
  readonly tensor: ModelTensor;
  readonly isBinary: boolean;
}

/** The body of an answer over REST. */
export interface RestMessage {
  readonly body: Buffer;
  /** Bytes of the JSON, when raw tensors follow it: the header `Inference-Header-Content-Length`. */
  readonly headerLength?: number | undefined;
}

/** Raw tensors begin at a multiple of this, so that who reads them need not copy; spaces behind JSON mean nothing. */
const ALIGNMENT = 8;
const SPACE = 0x20;

/** The body for an answer of an inference: JSON, and raw tensors behind it where any is wanted so. */
export function writeInferResponse(
  endpoint: string,
  { prediction, route, id }: Omit<Answer, 'outputs'>,
  outputs: readonly AnsweredTensor[],
): RestMessage {
  const raw = outputs.map(({ tensor, isBinary }) => (isBinary ? toRaw(tensor) : undefined));
  const head = JSON.stringify({
    model_name: endpoint,
    model_version: String(route.version),
    ...(id === undefined ? {} : { id }),
    parameters: { prediction, deployment: route.deployment, digest: route.digest },
  });
  const tensors = outputs.map(({ tensor }, index) => tensorJson(tensor, raw[index]));
  const json = Buffer.from(`${head.slice(0, -1)},"outputs":[${tensors.join(',')}]}`);
  const parts = raw.filter((part) => part !== undefined);
  if (parts.length === 0) return { body: json };
  const padding = (ALIGNMENT - (json.length % ALIGNMENT)) % ALIGNMENT;
  const header = [json, Buffer.alloc(padding, SPACE)];
  return { body: Buffer.concat([...header, ...parts]), headerLength: json.length + padding };
}

/**
 * Values as a list in JSON. Integers are written in full, however large; what is no number is null, since JSON has no
 * word for it.
 * @throws ServiceError 413 for more than JSON is good for
 */
export function valuesJson({ datatype, data }: Pick<ModelTensor, 'datatype' | 'data'>): string {
  refuseLargeOutput(data.length);
  if (Array.isArray(data)) return JSON.stringify(data);
  if (datatype === 'BOOL') return `[${Array.from(data as Uint8Array, (value) => value !== 0).join()}]`;
  if (datatype === 'FP16') return floatsJson(Float32Array.from(data as Uint16Array, halfToNumber));
  if (data instanceof Float32Array || data instanceof Float64Array) return floatsJson(data);
  return `[${data.join()}]`;
}

function tensorJson({ name, datatype, shape, data }: ModelTensor, raw: Buffer | undefined): string {
  const head = `{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${shape.join()}]`;
  if (raw) return `${head},"parameters":{"binary_data_size":${raw.length}}}`;
  return `${head},"data":${valuesJson({ datatype, data })}}`;
}

function floatsJson(data: Float32Array | Float64Array): string {
  const text = data.join();
  const isPlain = !text.includes('N') && !text.includes('I');
  return isPlain ? `[${text}]` : `[${Array.from(data, (value) => (Number.isFinite(value) ? value : 'null')).join()}]`;
}
