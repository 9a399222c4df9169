/** From here on a shift is called significant wherever PSI is in use. */
const LARGE_SHIFT = 0.2;

/**
 * The PSI from which a feature counts as drifted: 0.2, or more where samples are so small that chance alone gets there.
 * Between two samples of one distribution PSI is about (1/n + 1/m) χ² with cells − 1 degrees of freedom (Yurdakul and
 * Naranjo 2020); `falseAlarmRate` is how often such a pair may still exceed the threshold.
 */
export function driftThreshold(options: {
  cells: number;
  n: number;
  reference: number;
  falseAlarmRate: number;
}): number {
  const noise = 1 / options.n + 1 / options.reference;
  return Math.max(LARGE_SHIFT, noise * chiSquareQuantile(1 - options.falseAlarmRate, options.cells - 1));
}

/** Wilson and Hilferty 1931: within 2 % from two degrees of freedom on, up to 5 % high for one. */
export function chiSquareQuantile(probability: number, degrees: number): number {
  const spread = 2 / (9 * degrees);
  return degrees * (1 - spread + normalQuantile(probability) * Math.sqrt(spread)) ** 3;
}

/** Abramowitz and Stegun 1964, 26.2.23: absolute error below 0.00045, for probabilities of at least one half. */
function normalQuantile(probability: number): number {
  const t = Math.sqrt(-2 * Math.log(1 - probability));
  const above = 2.515517 + t * (0.802853 + t * 0.010328);
  const below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  return t - above / below;
}
