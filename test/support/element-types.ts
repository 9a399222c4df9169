import type { Datatype } from '@baton/contracts';

/** ONNX's numbers for the element types of tensors (onnx.proto, TensorProto.DataType). */
export const elementTypes: Readonly<Record<Datatype, number>> = {
  ...{ FP32: 1, UINT8: 2, INT8: 3, UINT16: 4, INT16: 5, INT32: 6, INT64: 7, BYTES: 8, BOOL: 9, FP16: 10, FP64: 11 },
  ...{ UINT32: 12, UINT64: 13 },
};
