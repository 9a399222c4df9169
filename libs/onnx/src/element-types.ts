/** Bytes of a `std::string` without a long text: the object, and the least that is allocated. */
const STRING_BYTES = 64;

/** Types of elements by their number in onnx.proto (`TensorProto.DataType`), named as the runtime names them. */
const byNumber = {
  1: ['float32', 4],
  2: ['uint8', 1],
  3: ['int8', 1],
  4: ['uint16', 2],
  5: ['int16', 2],
  6: ['int32', 4],
  7: ['int64', 8],
  8: ['string', STRING_BYTES],
  9: ['bool', 1],
  10: ['float16', 2],
  11: ['float64', 8],
  12: ['uint32', 4],
  13: ['uint64', 8],
  14: ['complex64', 8],
  15: ['complex128', 16],
  16: ['bfloat16', 2],
  17: ['float8e4m3fn', 1],
  18: ['float8e4m3fnuz', 1],
  19: ['float8e5m2', 1],
  20: ['float8e5m2fnuz', 1],
  21: ['uint4', 1],
  22: ['int4', 1],
} as const;

export type ElementType = (typeof byNumber)[keyof typeof byNumber][0];

const bytes = Object.fromEntries(Object.values(byNumber)) as Record<ElementType, number>;

/** Undefined for a number that this version of the format does not have. */
export function elementType(number: number): ElementType | undefined {
  return (byNumber as Record<number, readonly [ElementType, number] | undefined>)[number]?.[0];
}

/** Memory of one element; of a string, without its text. */
export function elementBytes(type: ElementType): number {
  return bytes[type];
}
