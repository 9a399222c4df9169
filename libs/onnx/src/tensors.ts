import { elementType, type ElementType } from './element-types.js';
import { WireFormatError } from './wire-reader.js';
import type { WireCursor } from './wire-cursor.js';

/** Elements of a tensor whose values may matter for shapes. */
export const MAX_SHAPE_VALUES = 64;

/** What a file says of a constant tensor; its data stay where they are. */
export interface OnnxTensor {
  readonly name: string;
  /** Undefined for a type that is not known. */
  readonly type: ElementType | undefined;
  readonly dims: readonly number[];
  /** Values of at most 64 integers, which may be a shape or the axes of an operator. */
  readonly values?: readonly number[];
  /** Of strings: bytes of the longest one. */
  readonly longestText: number;
}

const wide = new Set<ElementType | undefined>(['int64', 'int32']);

/** Reads a TensorProto (fields of onnx.proto). @throws WireFormatError */
export function readTensor(at: WireCursor): OnnxTensor {
  let name = '';
  let type: ElementType | undefined;
  let raw: Buffer | undefined;
  let longestText = 0;
  const dims: number[] = [];
  const values: number[] = [];
  while (at.next()) {
    if (at.field === 1) at.addIntegers(dims);
    else if (at.field === 2) type = elementType(at.integer());
    else if ((at.field === 5 || at.field === 7) && values.length <= MAX_SHAPE_VALUES) {
      at.addIntegers(values, MAX_SHAPE_VALUES);
    } else if (at.field === 6) longestText = Math.max(longestText, at.end - at.start);
    else if (at.field === 8) name = at.text();
    else if (at.field === 9 && at.end - at.start <= 8 * MAX_SHAPE_VALUES) raw = at.bytes.subarray(at.start, at.end);
    else if (at.field === 13 || (at.field === 14 && at.value !== 0)) {
      throw new WireFormatError(`the tensor "${name}" is in another file`);
    }
  }
  const count = dims.reduce((product, size) => product * size, 1);
  const tensor = { name, type, dims, longestText };
  if (!wide.has(type) || count > MAX_SHAPE_VALUES) return tensor;
  const all = raw ? rawIntegers(raw, type === 'int64' ? 8 : 4) : values;
  return all.length === count ? { ...tensor, values: all } : tensor;
}

/** Little-endian, as the format has it. */
function rawIntegers(raw: Buffer, size: 4 | 8): number[] {
  return Array.from({ length: Math.floor(raw.length / size) }, (_, index) =>
    size === 8 ? Number(raw.readBigInt64LE(index * size)) : raw.readInt32LE(index * size),
  );
}
