import type { Dice } from '../dice.js';
import { readFields, varint, writeFields, type ProtoField } from '../mutations/proto-fields.js';

const MAX_BYTES = 60 * 1024 * 1024;
/** Of `ModelInferRequest` and of its inputs. */
const [PARAMETERS, INPUTS, RAW] = [4, 5, 7];
const [SHAPE, CONTENTS] = [3, 5];

/** A message of megabytes: one of its lists goes on and on. */
export function enlargeMessage(message: Buffer, dice: Dice): Buffer {
  const fields = readFields(message) ?? [];
  const bytes = 1024 + dice.below(MAX_BYTES);
  const filler = dice.weighted<() => ProtoField>([
    [1, () => ({ number: dice.pick([1, PARAMETERS, INPUTS, 6, RAW]), type: 2, payload: Buffer.alloc(0) })],
    [1, () => ({ number: 15, type: 0, payload: varint(0n) })],
  ]);
  return dice.weighted<() => Buffer>([
    [2, () => Buffer.concat([message, repeated(filler(), bytes)])],
    [4, () => writeFields(fields.map((field) => (field.number === INPUTS ? longInput(field, bytes, dice) : field)))],
    [
      2,
      () =>
        writeFields(fields.map((field) => (field.number === RAW ? { ...field, payload: Buffer.alloc(bytes) } : field))),
    ],
  ])();
}

/** With typed contents of small values, and a shape of as many. */
function longInput(input: ProtoField, bytes: number, dice: Dice): ProtoField {
  const kept = (readFields(input.payload) ?? []).filter(({ number }) => number !== SHAPE && number !== CONTENTS);
  const item: ProtoField = dice.chance(0.5)
    ? { number: 8, type: 2, payload: Buffer.alloc(0) }
    : { number: 1 + dice.below(7), type: 2, payload: Buffer.alloc(dice.chance(0.5) ? bytes : 0) };
  const items = item.payload.length > 0 ? writeFields([item]) : repeated(item, bytes);
  const count = BigInt(Math.max(1, item.payload.length || items.length / 2));
  const shape = { number: SHAPE, type: 2, payload: Buffer.concat([varint(count), varint(dice.pick([1n, 2n]))]) };
  return { ...input, payload: writeFields([...kept, shape, { number: CONTENTS, type: 2, payload: items }]) };
}

function repeated(field: ProtoField, bytes: number): Buffer {
  const one = writeFields([field]);
  return Buffer.alloc(Math.max(one.length, bytes - (bytes % one.length)), one);
}
