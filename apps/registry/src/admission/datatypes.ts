import type { Datatype, TensorSignature } from '@baton/contracts';
import { cannotBeStored } from '../storable-text.js';
import type { TrialTensor } from './trial-answer.js';

/** Datatypes of the Open Inference Protocol for those of the runtime. */
const datatypes: Readonly<Record<string, Datatype | undefined>> = {
  bool: 'BOOL',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  float16: 'FP16',
  float32: 'FP32',
  float64: 'FP64',
  string: 'BYTES',
};

const MAX_NAME = 256;

/** The signature of a tensor, or why it cannot be served. */
export function toSignature({ name, type, shape }: TrialTensor): TensorSignature | string {
  if (name === '' || name.length > MAX_NAME || cannotBeStored(name)) {
    return `a tensor's name must have 1 to ${MAX_NAME} characters, none of them NUL`;
  }
  if (type === 'not a tensor') {
    return `"${name}" is a sequence or a map, which no inference protocol carries; of those, only what ZipMap makes is turned into a tensor`;
  }
  const datatype = datatypes[type];
  if (!datatype) return `"${name}" has the datatype ${type}, which the Open Inference Protocol does not know`;
  return { name, datatype, shape };
}
