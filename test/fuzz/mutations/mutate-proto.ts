import type { Dice } from '../dice.js';
import { mutateBytes } from './mutate-bytes.js';
import { readFields, varint, writeFields, type ProtoField } from './proto-fields.js';
import { datatypes, texts } from './words.js';

const EXTREMES = [0n, 1n, 127n, 128n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 63n, 2n ** 64n - 1n];
const MAX_ITEMS = 6000;
const MAX_DEPTH = 5000;

type Change = (fields: ProtoField[], dice: Dice) => void;

const changes: readonly (readonly [share: number, change: Change])[] = [
  [3, (fields, dice) => void fields.splice(dice.below(fields.length), 1)],
  [
    3,
    function repeat(fields, dice) {
      const field = dice.pick(fields);
      const copies = Array.from({ length: 1 + dice.small(MAX_ITEMS) }, () => field);
      if (field.payload.length * copies.length < 4_000_000) fields.splice(dice.below(fields.length + 1), 0, ...copies);
    },
  ],
  [
    2,
    function swap(fields, dice) {
      const [from, to] = [dice.below(fields.length), dice.below(fields.length)];
      [fields[from], fields[to]] = [fields[to] as ProtoField, fields[from] as ProtoField];
    },
  ],
  [
    3,
    (fields, dice) =>
      replace(fields, dice, ({ number }) => ({ number, type: 0, payload: varint(dice.pick(EXTREMES)) })),
  ],
  [
    2,
    (fields, dice) =>
      replace(fields, dice, (field) => ({ ...field, number: dice.pick([0, 1, 2, 3, 5, 7, 8, 15, 16, 2 ** 29 - 1]) })),
  ],
  [2, (fields, dice) => replace(fields, dice, (field) => ({ ...field, type: dice.below(8) }))],
  [
    4,
    (fields, dice) =>
      replace(fields, dice, (field) => ({
        ...field,
        type: 2,
        payload: Buffer.from(dice.pick(dice.chance(0.5) ? datatypes : texts)),
      })),
  ],
  [4, (fields, dice) => replace(fields, dice, (field) => ({ ...field, payload: mutateBytes(field.payload, dice) }))],
  [8, (fields, dice) => replace(fields, dice, (field) => ({ ...field, payload: mutateFields(field.payload, dice) }))],
  [
    1,
    (fields, dice) =>
      replace(fields, dice, (field) => ({
        ...field,
        saidLength: dice.pick([0, 1, field.payload.length + 1, 2 ** 31, 2 ** 32 - 1]),
      })),
  ],
  [
    1,
    function nestGroups(fields, dice) {
      const depth = 1 + dice.small(MAX_DEPTH);
      const closed = dice.chance(0.8) ? depth : depth - 1;
      const payload = Buffer.concat([Buffer.alloc(depth, 0x7b), Buffer.alloc(closed, 0x7c)]);
      fields.splice(dice.below(fields.length + 1), 0, { number: 15, type: 3, payload });
    },
  ],
];

/** A message with a few changes that keep it a message, mostly. */
export function mutateProto(message: Buffer, dice: Dice): Buffer {
  return dice.weighted([
    [1, () => message],
    [8, () => mutateFields(message, dice)],
    [2, () => mutateBytes(message, dice)],
    [1, () => mutateBytes(mutateFields(message, dice), dice)],
  ])();
}

function mutateFields(message: Buffer, dice: Dice): Buffer {
  const fields = readFields(message);
  if (!fields) return mutateBytes(message, dice);
  const count = 1 + dice.small(4);
  for (let turn = 0; turn < count && fields.length > 0; turn += 1) dice.weighted(changes)(fields, dice);
  return writeFields(fields);
}

function replace(fields: ProtoField[], dice: Dice, change: (field: ProtoField) => ProtoField): void {
  const at = dice.below(fields.length);
  fields[at] = change(fields[at] as ProtoField);
}
