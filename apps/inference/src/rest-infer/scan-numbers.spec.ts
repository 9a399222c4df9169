import { describe, expect, it } from 'vitest';
import { BAD, scanNumbers } from './scan-numbers.js';

const scan = (text: string, out: Float32Array | Float64Array) => scanNumbers(Buffer.from(text), 0, out);

/** The same numbers in every run (xorshift32). */
function randomly(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const random = randomly(4);
const anyDouble = () => (random() - 0.5) * 10 ** Math.floor(random() * 40 - 20);
const forms: [string, () => string][] = [
  ['as JavaScript writes a double', () => String(anyDouble())],
  ['as Python writes a float32', () => String(Math.fround(anyDouble()))],
  ['with a few digits', () => (random() * 1000 - 500).toFixed(Math.floor(random() * 6))],
  ['with 18 digits', () => `${Math.floor(random() * 9) + 1}.${String(random()).slice(2).padEnd(17, '7').slice(0, 17)}`],
  ['with an exponent', () => anyDouble().toExponential(Math.floor(random() * 18))],
  ['whole', () => String(Math.floor(random() * 2 ** 53))],
];

describe('numbers read from bytes', () => {
  it.each(forms)('%s are those that Number() reads', (_, make) => {
    const texts = Array.from({ length: 20_000 }, make);
    for (const out of [new Float32Array(texts.length), new Float64Array(texts.length)]) {
      const text = `${texts.join(',')}]`;
      expect(scan(text, out)).toBe(text.length);
      const numbers = texts.map(Number);
      expect(out).toEqual(out instanceof Float32Array ? Float32Array.from(numbers) : Float64Array.from(numbers));
    }
  });

  it('right between two float32 go where Number() sends them', () => {
    const texts = Array.from({ length: 2000 }, () => {
      const below = Math.fround(random() + 1);
      const bits = new Uint32Array(Float32Array.of(below).buffer);
      bits[0] = (bits[0] ?? 0) + 1;
      const middle = (below + (new Float32Array(bits.buffer)[0] ?? 0)) / 2;
      return [`${middle}`, `${middle}0001`, `${middle}`.slice(0, 18)];
    }).flat();
    const out = new Float32Array(texts.length);
    expect(scan(`${texts.join(' , ')} ]`, out)).toBeGreaterThan(0);
    expect(out).toEqual(Float32Array.from(texts, Number));
  });

  it.each([
    ['too few', '1]'],
    ['too many', '1,2,3]'],
    ['nothing', ']'],
    ['no end', '1,2'],
    ['a leading zero', '01,2]'],
    ['no digit before the dot', '.5,2]'],
    ['no digit behind the dot', '1.,2]'],
    ['an empty exponent', '1e,2]'],
    ['a plus', '+1,2]'],
    ['two signs', '--1,2]'],
    ['hexadecimal', '0x1,2]'],
    ['a word', 'NaN,2]'],
    ['null', 'null,2]'],
    ['text', '"1",2]'],
    ['a list', '[1],2]'],
    ['two commas', '1,,2]'],
    ['a comma at the end', '1,2,]'],
    ['two numbers without a comma', '1 2]'],
    ['what float32 cannot hold', '1e39,2]'],
    ['what no float can hold', '1e999,2]'],
  ])('are not read from a list with %s', (_, text) => {
    expect(scan(text, new Float32Array(2))).toBe(BAD);
  });
});
