import type { Dice } from '../dice.js';

const EXTREMES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const MAX_RANGE = 256;

type Change = (bytes: Buffer, dice: Dice, words: readonly string[]) => Buffer;

const changes: readonly Change[] = [
  function flipBit(bytes, dice) {
    const changed = Buffer.from(bytes);
    const at = dice.below(changed.length);
    changed[at] = (changed[at] ?? 0) ^ (1 << dice.below(8));
    return changed;
  },
  function setByte(bytes, dice) {
    const changed = Buffer.from(bytes);
    changed[dice.below(changed.length)] = dice.chance(0.5) ? dice.pick([0, 9, 10, 13, 32, 34, 127, 255]) : dice.word();
    return changed;
  },
  function setNumber(bytes, dice) {
    if (bytes.length < 4) return bytes;
    const changed = Buffer.from(bytes);
    const at = dice.below(bytes.length - 3);
    changed.writeUInt32LE(dice.pick([...EXTREMES, bytes.length, bytes.length - at]) >>> 0, at);
    return changed;
  },
  function remove(bytes, dice) {
    const [from, to] = range(bytes, dice);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  function repeat(bytes, dice) {
    const [from, to] = range(bytes, dice);
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
  },
  function move(bytes, dice) {
    const [from, to] = range(bytes, dice);
    const rest = Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
    return insert(rest, dice.below(rest.length + 1), bytes.subarray(from, to));
  },
  function insertNoise(bytes, dice) {
    return insert(bytes, dice.below(bytes.length + 1), dice.bytes(1 + dice.small(64)));
  },
  function insertWord(bytes, dice, words) {
    return insert(bytes, dice.below(bytes.length + 1), Buffer.from(dice.pick(words)));
  },
  function overwriteWord(bytes, dice, words) {
    const word = Buffer.from(dice.pick(words));
    const at = dice.below(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), word, bytes.subarray(at + word.length)]);
  },
  function cutEnd(bytes, dice) {
    return bytes.subarray(0, dice.below(bytes.length + 1));
  },
];

/** The bytes with a few changes that know nothing of what they mean. */
export function mutateBytes(bytes: Buffer, dice: Dice, words: readonly string[] = ['\0']): Buffer {
  let changed = bytes;
  const count = 1 + dice.small(6);
  for (let turn = 0; turn < count; turn += 1) {
    changed = changed.length === 0 ? dice.bytes(1 + dice.below(8)) : dice.pick(changes)(changed, dice, words);
  }
  return changed;
}

function range(bytes: Buffer, dice: Dice): [from: number, to: number] {
  const from = dice.below(bytes.length);
  return [from, Math.min(bytes.length, from + 1 + dice.small(MAX_RANGE))];
}

function insert(bytes: Buffer, at: number, inserted: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]);
}
