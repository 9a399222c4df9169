/** What stands behind the last value of a list. */
export const BAD = -1;

const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const CLOSE = 0x5d;
const SPACE = 0x20;

/** Powers of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const FOUR = 4;
const HIGH_HALVES = 0xf0f0f0f0;
const LOW_HALVES = 0x0f0f0f0f;
/** Digits that a double holds exactly, whichever they are. */
const EXACT_DIGITS = 15;
/** Beyond them the value of the digits is rounded, by less than this share. */
const BELOW = 1 - 2 ** -50;
const ABOVE = 1 + 2 ** -50;

/**
 * Reads exactly as many JSON numbers as `out` has room for, and the `]` behind them, straight from the bytes. Numbers
 * come out as `Number()` would read them and the array then rounds them: what cannot be told apart quickly (more than
 * 15 digits whose rounding is in doubt, large exponents) is given to `Number()`.
 * @param at the first byte behind the `[`
 * @returns the position behind the `]`, or {@link BAD} for anything that is not plainly that: the caller has a slower
 * reader for it, which tells what is wrong
 */
export function scanNumbers(bytes: Buffer, at: number, out: Float32Array | Float64Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const lastFour = bytes.length - FOUR;
  const isSingle = out instanceof Float32Array;
  const last = out.length - 1;
  let position = at;
  for (let index = 0; index <= last; index += 1) {
    let byte = bytes[position];
    while (byte === SPACE) byte = bytes[++position];
    const start = position;
    const isNegative = byte === MINUS;
    if (isNegative) byte = bytes[++position];
    if (byte === undefined || byte < ZERO || byte > NINE) return BAD;
    const leading = position;
    let value = 0;
    while (byte !== undefined && byte >= ZERO && byte <= NINE) {
      value = value * 10 + (byte - ZERO);
      byte = bytes[++position];
    }
    let digits = position - leading;
    if (digits > 1 && bytes[leading] === ZERO) return BAD;
    let exponent = 0;
    if (byte === DOT) {
      const fraction = ++position;
      while (position <= lastFour) {
        const four = view.getInt32(position, true);
        if (!areDigits(four)) break;
        value = value * 10_000 + valueOf(four);
        position += FOUR;
      }
      byte = bytes[position];
      while (byte !== undefined && byte >= ZERO && byte <= NINE) {
        value = value * 10 + (byte - ZERO);
        byte = bytes[++position];
      }
      exponent = position - fraction;
      if (exponent === 0) return BAD;
      // Zeros in front are no digits to be exact about.
      digits = digits === 1 && bytes[leading] === ZERO ? significant(bytes, fraction, position) : digits + exponent;
    }
    const isPlain = byte === COMMA || byte === CLOSE || byte === SPACE;
    let number = value;
    if (isPlain && exponent < POWERS.length && digits <= EXACT_DIGITS) {
      if (exponent > 0) number = value / (POWERS[exponent] ?? 1);
    } else if (isPlain && isSingle && exponent < POWERS.length && digits <= 19) {
      number = value / (POWERS[exponent] ?? 1);
      if (Math.fround(number * BELOW) !== Math.fround(number * ABOVE))
        number = parse(bytes, start, position, isNegative);
    } else {
      position = endOfNumber(bytes, position);
      if (position === BAD) return BAD;
      number = parse(bytes, start, position, isNegative);
      byte = bytes[position];
    }
    out[index] = isNegative ? -number : number;
    if (!Number.isFinite(out[index])) return BAD;
    while (byte === SPACE) byte = bytes[++position];
    if (byte !== (index === last ? CLOSE : COMMA)) return BAD;
    position += 1;
  }
  return position;
}

/** Whether all four bytes are digits: 3 in the upper half of each, and still so when 6 is added to the lower one. */
function areDigits(four: number): boolean {
  return ((four & HIGH_HALVES) | (((four + 0x06060606) & HIGH_HALVES) >>> 4)) === 0x33333333;
}

/** Of four digits, the first one in the lowest byte: neighbours are added in pairs, and the pairs to one number. */
function valueOf(four: number): number {
  const pairs = (Math.imul(four & LOW_HALVES, 10 * 2 ** 8 + 1) >>> 8) & 0x00ff00ff;
  return Math.imul(pairs, 100 * 2 ** 16 + 1) >>> 16;
}

/** Digits from the first that is not zero on. */
function significant(bytes: Buffer, from: number, to: number): number {
  let first = from;
  while (first < to && bytes[first] === ZERO) first += 1;
  return to - first;
}

/** Behind the exponent of a number, if it has one that is right. */
function endOfNumber(bytes: Buffer, at: number): number {
  let position = at;
  if (bytes[position] !== 0x65 && bytes[position] !== 0x45) return position;
  position += 1;
  if (bytes[position] === MINUS || bytes[position] === 0x2b) position += 1;
  const digits = position;
  while ((bytes[position] ?? 0) >= ZERO && (bytes[position] ?? 0) <= NINE) position += 1;
  return position === digits ? BAD : position;
}

function parse(bytes: Buffer, start: number, end: number, isNegative: boolean): number {
  return Number(bytes.toString('latin1', isNegative ? start + 1 : start, end));
}
