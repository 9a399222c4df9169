const SIGN = 0x8000;
const INFINITE = 0x7c00;
const NOT_A_NUMBER = 0x7e00;
/** From here on a number rounds to infinity: half a step above 65504, the greatest half. */
const TOO_LARGE = 65_520;
const LEAST_NORMAL = 2 ** -14;
const BIAS = 15;

/** The number that the sixteen bits of a half (IEEE 754 binary16) stand for; every half is a number of JavaScript's. */
export function halfToNumber(bits: number): number {
  const sign = (bits & SIGN) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - BIAS);
}

/** The bits of the half nearest to a number; of two that are as near, the even one. */
export function numberToHalf(value: number): number {
  if (Number.isNaN(value)) return NOT_A_NUMBER;
  const sign = value < 0 || Object.is(value, -0) ? SIGN : 0;
  const size = Math.abs(value);
  if (size >= TOO_LARGE) return sign | INFINITE;
  if (size < LEAST_NORMAL) return sign | roundToEven(size * 2 ** 24);
  const exponent = exponentOf(size);
  // A fraction that rounds up to 1024 carries into the exponent, as it should.
  return sign | (((exponent + BIAS) << 10) + roundToEven((size / 2 ** exponent - 1) * 1024));
}

/** The logarithm may be one off next to a power of two. */
function exponentOf(size: number): number {
  const near = Math.floor(Math.log2(size));
  if (2 ** near > size) return near - 1;
  return 2 ** (near + 1) <= size ? near + 1 : near;
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest === 0.5) return below + (below % 2);
  return rest < 0.5 ? below : below + 1;
}
