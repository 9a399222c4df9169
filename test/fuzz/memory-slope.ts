/** Mebibytes that memory grows by with every round, by least squares over the rounds after the warm-up. */
export function memorySlope(residentMb: readonly number[], warmUpShare = 0.5): number {
  const values = residentMb.slice(Math.floor(residentMb.length * warmUpShare));
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let [over, under] = [0, 0];
  values.forEach((value, at) => {
    over += (at - middle) * (value - mean);
    under += (at - middle) ** 2;
  });
  return under === 0 ? 0 : over / under;
}
