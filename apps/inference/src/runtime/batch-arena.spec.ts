import type { TensorSignature } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import { BatchArena, joinedView } from './batch-arena.js';

const inputs: TensorSignature[] = [
  { name: 'x', datatype: 'FP32', shape: [-1, 2] },
  { name: 'n', datatype: 'INT64', shape: [-1, 1] },
  { name: 'text', datatype: 'BYTES', shape: [-1, 1] },
  { name: 'open', datatype: 'FP32', shape: [-1, -1] },
];

const taken = (arena: BatchArena, input: number, rows: number) => {
  const room = arena.take(input, rows);
  if (!room) throw new Error('there was no room');
  return room as Float32Array;
};

describe('a batch arena', () => {
  it('gives rooms one behind the other, which are one batch without a copy', () => {
    const arena = new BatchArena(inputs, 100);
    const rooms = [taken(arena, 0, 1), taken(arena, 0, 3)];
    rooms.forEach((room, index) => room.fill(index + 1));
    const all = joinedView(rooms.map((data) => ({ data })));
    expect(all).toEqual(Float32Array.of(1, 1, 2, 2, 2, 2, 2, 2));
    expect(all?.buffer).toBe(rooms[0]?.buffer);
  });

  it('keeps inputs apart', () => {
    const arena = new BatchArena(inputs, 100);
    taken(arena, 0, 1).fill(7);
    expect(taken(arena, 1, 2)).toBeInstanceOf(BigInt64Array);
    expect(joinedView([{ data: taken(arena, 0, 1) }, { data: taken(arena, 1, 1) }])).toBeUndefined();
  });

  it.each([
    ['texts', 2],
    ['rows of any width', 3],
    ['an input that is none', 9],
  ])('has no room for %s', (_, input) => {
    expect(new BatchArena(inputs, 100).take(input, 1)).toBeUndefined();
  });

  it('lets the room of a request that was none be taken again', () => {
    const arena = new BatchArena(inputs, 100);
    const before = taken(arena, 0, 1);
    taken(arena, 0, 2);
    arena.giveBack(0, 2);
    expect(joinedView([{ data: before }, { data: taken(arena, 0, 1) }])).toHaveLength(4);
  });

  it('has grown by the next batch when there was too little', () => {
    const arena = new BatchArena(inputs, 100);
    const take = () => Array.from({ length: 50 }, () => arena.take(0, 1)).filter((room) => room !== undefined);
    expect(take()).toHaveLength(32);
    arena.reset();
    expect(take()).toHaveLength(50);
  });

  it('never moves what is in use', () => {
    const arena = new BatchArena(inputs, 100);
    const first = taken(arena, 0, 30);
    expect(arena.take(0, 30)).toBeUndefined();
    expect(arena.take(0, 1)?.buffer).toBe(first.buffer);
  });

  it('has no more room than for the largest batch', () => {
    const arena = new BatchArena(inputs, 100);
    expect(arena.take(0, 101)).toBeUndefined();
    expect(arena.take(0, 100)).toHaveLength(200);
  });
});

describe('tensors', () => {
  const whole = Float32Array.of(1, 2, 3, 4);

  it.each([
    ['with a gap', [whole.subarray(0, 1), whole.subarray(2, 4)]],
    ['in another order', [whole.subarray(2, 4), whole.subarray(0, 2)]],
    ['of other memory', [whole.subarray(0, 2), Float32Array.of(3, 4)]],
    ['of texts', [['a'], ['b']]],
    ['that are none', []],
  ])('%s are not one without a copy', (_, parts) => {
    expect(joinedView(parts.map((data) => ({ data })))).toBeUndefined();
  });
});
