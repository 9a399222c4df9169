import {
  datatypes,
  type Datatype,
  type LoggingPolicy,
  type TensorRecord,
  type TensorSignature,
} from '@baton/contracts';
import type { ModelTensor } from '../runtime/tensors.js';
import { ByteReader } from './byte-reader.js';
import type { GroupBuffer } from './group-buffer.js';
import { jsonValues, numericData, type JsonValue } from './logged-values.js';
import type { TensorRule } from './recorded-route.js';
import type { ValueHashes } from './value-hashes.js';

/** How the values follow: not at all, as their bytes, as texts, or one by one. */
const NONE = 0;
const RAW = 1;
const TEXTS = 2;
const MIXED = 3;
const NOT_IN_SIGNATURE = 0xff;

const codes = Object.fromEntries(datatypes.map((datatype, code) => [datatype, code])) as Record<Datatype, number>;

/** Writes a tensor as the rule lets it be recorded: nothing that it forbids gets as far as the buffer. */
export function encodeTensor(
  buffer: GroupBuffer,
  tensor: ModelTensor,
  rule: TensorRule,
  options: { readonly hashes: ValueHashes; readonly withValues: boolean },
): void {
  const { shape, data } = tensor;
  const isListed = rule.index >= 0 && rule.index < NOT_IN_SIGNATURE;
  buffer.u8(isListed ? rule.index : NOT_IN_SIGNATURE);
  if (!isListed) buffer.text(tensor.name);
  buffer.u8(codes[tensor.datatype]);
  buffer.u8(shape.length);
  for (let index = 0; index < shape.length; index += 1) buffer.u32(shape[index] ?? 0);
  const logging = options.withValues ? rule.logging : 'none';
  if (logging === 'none') return buffer.u8(NONE);
  if (logging !== 'full') return encodeMixed(buffer, tensor, rule, options.hashes);
  if (Array.isArray(data)) {
    buffer.u8(TEXTS);
    buffer.u32(data.length);
    for (const text of data) buffer.text(text);
    return;
  }
  buffer.u8(RAW);
  buffer.u32(data.byteLength);
  buffer.values(data);
}

export function decodeTensor(reader: ByteReader, signature: readonly TensorSignature[]): TensorRecord {
  const index = reader.u8();
  const name = index === NOT_IN_SIGNATURE ? reader.text() : (signature[index]?.name ?? '');
  const datatype = datatypes[reader.u8()] ?? 'BYTES';
  const shape = Array.from({ length: reader.u8() }, () => reader.u32());
  const data = decodeValues(reader, datatype);
  return { name, datatype, shape, ...(data ? { data } : {}) };
}

function decodeValues(reader: ByteReader, datatype: Datatype): JsonValue[] | undefined {
  const kind = reader.u8();
  if (kind === NONE) return undefined;
  const length = reader.u32();
  if (kind === TEXTS) return Array.from({ length }, () => reader.text());
  if (kind === MIXED) return Array.from({ length }, () => JSON.parse(reader.text()) as JsonValue);
  if (datatype === 'BYTES') return undefined;
  reader.align();
  return jsonValues(datatype, numericData(datatype, reader.raw(length)));
}

/** Some values in full, some hashed, some not: rare enough to be written as JSON has them. */
function encodeMixed(buffer: GroupBuffer, tensor: ModelTensor, { columns }: TensorRule, hashes: ValueHashes): void {
  const values = jsonValues(tensor.datatype, tensor.data);
  buffer.u8(MIXED);
  buffer.u32(values.length);
  for (const [index, value] of values.entries()) {
    const { name, logging } = columns[index % columns.length] ?? { name: tensor.name, logging: 'none' };
    buffer.text(JSON.stringify(loggedValue(value, name, logging, hashes)));
  }
}

function loggedValue(value: JsonValue, column: string, logging: LoggingPolicy, hashes: ValueHashes): JsonValue {
  if (logging === 'none' || value === null) return null;
  return logging === 'hash' ? hashes.of(column, value) : value;
}
