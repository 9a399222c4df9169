/**
 * Population stability index of two histograms over the same cells: Σ (q − p) ln(q / p). Half a count is added to each
 * cell (Krichevsky and Trofimov 1981): an empty cell of a window of thirty rows says little, and the usual filling of
 * 0.0001 would make it say a lot. With thousands of rows the two agree.
 */
export function psi(reference: readonly number[], current: readonly number[]): number {
  const p = shares(reference);
  const q = shares(current);
  return p.reduce((sum, share, cell) => {
    const now = q[cell] ?? share;
    return sum + (now - share) * Math.log(now / share);
  }, 0);
}

function shares(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count + 0.5, 0);
  return counts.map((count) => (count + 0.5) / total);
}
