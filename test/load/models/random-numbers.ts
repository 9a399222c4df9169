import { createHash } from 'node:crypto';

/** Numbers that are the same in every run: xorshift32, from a seed of text. */
export function randomNumbers(seed: string): { floats(count: number, scale: number): Float32Array } {
  let state = createHash('sha256').update(seed).digest().readUInt32LE() | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  // The sum of four uniform numbers is normal enough for weights.
  const normal = () => (next() + next() + next() + next() - 2) * Math.sqrt(3);
  return { floats: (count, scale) => Float32Array.from({ length: count }, () => normal() * scale) };
}
