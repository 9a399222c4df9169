import type { Datatype, TensorSignature } from '@baton/contracts';
import { makeData, type TensorData } from '../runtime/tensors.js';
import { MAX_TEXTS, refuseManyElements } from '../requests/reading-limits.js';
import { textOf } from '../requests/raw-tensors.js';
import { invalidField } from '../requests/requests.errors.js';
import { PackedValues } from '../requests/tensor-decoding.js';
import { toValue, ValueError } from '../requests/tensor-values.js';
import { MalformedError, ProtoReader, readingBudget, wire } from './proto-reader.js';

interface Kind {
  /** Of `inference.InferTensorContents`. */
  readonly field: number;
  readonly type: number;
  readonly read: (reader: ProtoReader) => number | bigint | Buffer;
}

const names = [
  '',
  'bool_contents',
  'int_contents',
  'int64_contents',
  'uint_contents',
  'uint64_contents',
  'fp32_contents',
  'fp64_contents',
  'bytes_contents',
];

const int: Kind = { field: 2, type: wire.varint, read: (reader) => reader.int32() };
const uint: Kind = { field: 4, type: wire.varint, read: (reader) => reader.uint32() };
const kinds: Readonly<Record<Exclude<Datatype, 'FP16'>, Kind>> = {
  BOOL: { field: 1, type: wire.varint, read: (reader) => Number(reader.bool()) },
  INT8: int,
  INT16: int,
  INT32: int,
  INT64: { field: 3, type: wire.varint, read: (reader) => reader.bigInt64() },
  UINT8: uint,
  UINT16: uint,
  UINT32: uint,
  UINT64: { field: 5, type: wire.varint, read: (reader) => reader.bigUint64() },
  FP32: { field: 6, type: wire.fixed32, read: (reader) => reader.float() },
  FP64: { field: 7, type: wire.fixed64, read: (reader) => reader.double() },
  BYTES: { field: 8, type: wire.bytes, read: (reader) => reader.view() },
};
/** Datatypes whose values come in a wider one. */
const NARROW: readonly Datatype[] = ['INT8', 'INT16', 'UINT8', 'UINT16'];

/** The values of an input in the field of their type: read straight into the tensor, once its datatype is known. */
export class TypedContents extends PackedValues {
  /** @param parts messages `inference.InferTensorContents`, which count as one */
  constructor(private readonly parts: readonly Buffer[]) {
    super();
  }

  read(input: TensorSignature, count: number): TensorData {
    const { name, datatype } = input;
    if (datatype === 'FP16') throw invalidField(name, 'values of FP16 belong in raw_input_contents');
    const available = this.parts.reduce((sum, { length }) => sum + length, 0);
    // Nothing is made for a shape that the bytes can't fill: each value has one at least.
    if (count > available) throw wrongCount(name, count, undefined);
    if (datatype === 'BYTES') refuseManyElements(name, count, MAX_TEXTS);
    const target = new Target(input, count);
    try {
      const budget = readingBudget();
      for (const part of this.parts)
        readPart(new ProtoReader(part, 0, part.length, budget), { name, datatype }, target);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      throw invalidField(name, `its contents are malformed: ${error.reason}`);
    }
    return target.finish();
  }
}

/** Whether a message of contents has any. */
export function hasContents(parts: readonly Buffer[]): boolean {
  return parts.some(({ length }) => length > 0);
}

function readPart(
  reader: ProtoReader,
  { name, datatype }: { readonly name: string; readonly datatype: Exclude<Datatype, 'FP16'> },
  target: Target,
): void {
  const { field: wanted, type, read } = kinds[datatype];
  while (!reader.isEnd) {
    const tag = reader.tag();
    const field = tag >>> 3;
    if (field !== wanted && field < names.length) {
      const detail = `its values are in ${names[field]}, and those of ${datatype} belong in ${names[wanted]}`;
      throw invalidField(name, detail);
    }
    if (field !== wanted) reader.skip(tag);
    else if ((tag & 7) === type) target.put(read(reader));
    else {
      reader.expect(tag, wire.bytes);
      if (type !== wire.varint) target.copy(reader.view());
      else {
        const packed = reader.nested();
        while (!packed.isEnd) {
          packed.spend();
          target.put(read(packed));
        }
      }
    }
  }
}

/** The tensor while it is filled. */
class Target {
  private readonly data: TensorData;
  private index = 0;
  private readonly isNarrow: boolean;

  constructor(
    private readonly input: TensorSignature,
    private readonly count: number,
  ) {
    this.data = makeData(input.datatype, count);
    this.isNarrow = NARROW.includes(input.datatype);
  }

  /** What is too much is counted, for the error. */
  put(value: number | bigint | Buffer): void {
    const index = this.index++;
    if (index >= this.count) return;
    const { name, datatype } = this.input;
    if (this.isNarrow && toValue(datatype, value) === undefined) {
      throw invalidField(`${name}[${index}]`, new ValueError(index, value, datatype).message);
    }
    (this.data as unknown[])[index] = Buffer.isBuffer(value) ? textOf(value, `${name}[${index}]`) : value;
  }

  /** Numbers of a fixed size, as they lie in memory. */
  copy(bytes: Buffer): void {
    const data = this.data as Float32Array | Float64Array;
    const count = bytes.length / data.BYTES_PER_ELEMENT;
    if (!Number.isInteger(count)) throw new MalformedError('it ends early');
    const from = this.index;
    this.index += count;
    if (this.index > this.count) return;
    new Uint8Array(data.buffer).set(bytes, from * data.BYTES_PER_ELEMENT);
  }

  finish(): TensorData {
    if (this.index !== this.count) throw wrongCount(this.input.name, this.count, this.index);
    return this.data;
  }
}

function wrongCount(name: string, wanted: number, given: number | undefined) {
  return invalidField(name, `its shape needs ${wanted} values, and there are ${given ?? 'fewer'}`);
}
