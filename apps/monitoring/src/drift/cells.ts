/** Counts of a reference and of a window over the same cells. */
export interface Cells {
  reference: number[];
  current: number[];
}

/** Cochran's rule: from five expected counts on, a cell's chance variation is that of the χ² distribution. */
const LEAST_EXPECTED = 5;

/**
 * Joins cells until each expects at least five counts in the smaller of the two samples: small windows get few cells,
 * large ones keep all. Which cells join depends on the reference and the window's size, never on the window's values.
 * Neighbours join where the order of cells means something, else the rare ones (`pool`).
 */
export function mergeCells(cells: Cells, how: 'neighbours' | 'pool'): Cells {
  const least = leastReferenceCount(cells);
  const merged = how === 'neighbours' ? joinNeighbours(cells, least) : poolRare(cells, least);
  return merged.reference.length > 1 ? merged : largestAgainstRest(cells);
}

function leastReferenceCount({ reference, current }: Cells): number {
  return LEAST_EXPECTED * Math.max(1, sum(reference) / sum(current));
}

function joinNeighbours(cells: Cells, least: number): Cells {
  const merged: Cells = { reference: [], current: [] };
  let expected = 0;
  let seen = 0;
  cells.reference.forEach((count, index) => {
    expected += count;
    seen += cells.current[index] ?? 0;
    if (expected < least) return;
    merged.reference.push(expected);
    merged.current.push(seen);
    expected = 0;
    seen = 0;
  });
  return addToLast(merged, expected, seen);
}

function poolRare(cells: Cells, least: number): Cells {
  const merged: Cells = { reference: [], current: [] };
  let expected = 0;
  let seen = 0;
  cells.reference.forEach((count, index) => {
    const now = cells.current[index] ?? 0;
    if (count >= least) {
      merged.reference.push(count);
      merged.current.push(now);
      return;
    }
    expected += count;
    seen += now;
  });
  if (expected === 0 && seen === 0) return merged;
  return { reference: [...merged.reference, expected], current: [...merged.current, seen] };
}

/** A feature that nearly always has one value: whether it still has it is all that can be asked. */
function largestAgainstRest({ reference, current }: Cells): Cells {
  const largest = reference.indexOf(Math.max(...reference));
  const expected = reference[largest] ?? 0;
  const seen = current[largest] ?? 0;
  return { reference: [expected, sum(reference) - expected], current: [seen, sum(current) - seen] };
}

/** The last cell takes what is left over at the end. */
function addToLast({ reference, current }: Cells, expected: number, seen: number): Cells {
  if (reference.length === 0) return { reference: [expected], current: [seen] };
  return {
    reference: [...reference.slice(0, -1), (reference.at(-1) ?? 0) + expected],
    current: [...current.slice(0, -1), (current.at(-1) ?? 0) + seen],
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
