const WORD = 2 ** 32;

/** Random numbers that a seed decides (the generator mulberry32): the same seed makes the same cases. */
export class Dice {
  private constructor(private state: number) {}

  /** Of one case: it can be made without those before it. */
  static of(seed: number, index: number): Dice {
    const dice = new Dice(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
    dice.word();
    return dice;
  }

  /** From 0 to 2^32 - 1. */
  word(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  below(end: number): number {
    return Math.floor((this.word() / WORD) * end);
  }

  /** Mostly small, up to the end. */
  small(end: number): number {
    return this.below(1 + this.below(1 + this.below(end)));
  }

  chance(share: number): boolean {
    return this.word() < share * WORD;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** By their shares, which need not add up to anything. */
  weighted<T>(list: readonly (readonly [share: number, item: T])[]): T {
    let left = this.below(list.reduce((sum, [share]) => sum + share, 0));
    for (const [share, item] of list) {
      left -= share;
      if (left < 0) return item;
    }
    throw new Error('there is nothing to choose from');
  }

  bytes(count: number): Buffer {
    const bytes = Buffer.allocUnsafe(count);
    for (let at = 0; at < count; at += 1) bytes[at] = this.word() & 0xff;
    return bytes;
  }
}
