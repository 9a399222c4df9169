// Models written by hand, field by field as onnx.proto has them: for the specs, which are not to trust a library.
import { bytesField, integerField } from './wire-writer.js';

export const FLOAT = 1;
export const INT64 = 7;
export const STRING = 8;
export const BOOL = 9;

type Attribute = number | string | readonly number[] | readonly string[] | Buffer;

/** A name makes an open dimension, `null` one without a name. */
export type Sizes = readonly (number | string | null)[];

export interface NodeParts {
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** The content of a NodeProto. Of x it makes y, when nothing else is said. */
export function nodeProto(operator: string, { inputs = ['x'], outputs = ['y'], ...more }: NodeParts = {}): Buffer {
  return Buffer.concat([
    ...inputs.map((name) => bytesField(1, name)),
    ...outputs.map((name) => bytesField(2, name)),
    bytesField(3, more.name ?? ''),
    bytesField(4, operator),
    ...Object.entries(more.attributes ?? {}).map(([name, value]) => bytesField(5, bytesField(1, name), content(value))),
    bytesField(7, more.domain ?? ''),
  ]);
}

export function node(operator: string, parts?: NodeParts): Buffer {
  return bytesField(1, nodeProto(operator, parts));
}

/** A buffer is a field of its own: a tensor, a graph, floats. */
function content(value: Attribute): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === 'number') return integerField(3, value);
  if (typeof value === 'string') return bytesField(4, value);
  const list: readonly (number | string)[] = value;
  return Buffer.concat(list.map((one) => (typeof one === 'number' ? integerField(8, one) : bytesField(9, one))));
}

/** A list of floats for an attribute: as many zeros. */
export function floats(count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => Buffer.from([7 * 8 + 5, 0, 0, 0, 0])));
}

/** The content of a TensorProto; numbers as int64_data. */
export function tensorProto(
  name: string,
  type: number,
  dims: readonly number[],
  numbers: readonly number[] = [],
): Buffer {
  return Buffer.concat([
    ...dims.map((size) => integerField(1, size)),
    integerField(2, type),
    ...numbers.map((value) => integerField(7, value)),
    bytesField(8, name),
  ]);
}

export function initializer(name: string, type: number, dims: readonly number[], numbers?: readonly number[]): Buffer {
  return bytesField(5, tensorProto(name, type, dims, numbers));
}

/** Numbers that shapes are made of. */
export function numbers(name: string, values: readonly number[]): Buffer {
  return initializer(name, INT64, [values.length], values);
}

function value(field: number, name: string, type: number, sizes: Sizes): Buffer {
  const dims = sizes.map((size) => bytesField(1, dimension(size)));
  return bytesField(
    field,
    bytesField(1, name),
    bytesField(2, bytesField(1, integerField(1, type), bytesField(2, ...dims))),
  );
}

function dimension(size: number | string | null): Buffer {
  if (size === null) return Buffer.alloc(0);
  return typeof size === 'number' ? integerField(1, size) : bytesField(2, size);
}

export function input(name: string, sizes: Sizes, type = FLOAT): Buffer {
  return value(11, name, type, sizes);
}

export function output(name: string, sizes: Sizes, type = FLOAT): Buffer {
  return value(12, name, type, sizes);
}

/** A list of maps from text to FP32, as ZipMap makes it. */
export function mapsOutput(name: string): Buffer {
  const numbersType = bytesField(1, integerField(1, FLOAT));
  const map = bytesField(5, integerField(1, STRING), bytesField(2, numbersType));
  return bytesField(12, bytesField(1, name), bytesField(2, bytesField(4, bytesField(1, map))));
}

export function opset(domain: string, version: number): Buffer {
  return bytesField(8, bytesField(1, domain), integerField(2, version));
}

export function model(...graph: readonly Buffer[]): Buffer {
  return Buffer.concat([integerField(1, 10), opset('', 21), bytesField(7, ...graph)]);
}
