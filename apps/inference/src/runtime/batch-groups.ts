import type { ModelTensor } from './tensors.js';

/** What waits for a run. */
export interface BatchCandidate {
  readonly inputs: readonly ModelTensor[];
}

/** Rows of a request: the first dimension of its inputs; undefined where they differ, or an input has none. */
export function rowsOf(inputs: readonly ModelTensor[]): number | undefined {
  const rows = inputs[0]?.shape[0];
  return inputs.every(({ shape }) => shape[0] === rows) ? rows : undefined;
}

/**
 * Requests in groups that run together: the same sizes beyond the first dimension, and together at most `maxRows`. A
 * request with more rows than that, or whose inputs have no rows in common, runs alone.
 */
export function batchGroups<T extends BatchCandidate>(waiting: readonly T[], maxRows: number): T[][] {
  const groups: T[][] = [];
  const open = new Map<string, { rows: number; members: T[] }>();
  for (const one of waiting) {
    const rows = rowsOf(one.inputs);
    if (rows === undefined || rows >= maxRows) {
      groups.push([one]);
      continue;
    }
    const key = one.inputs.map(({ shape }) => shape.slice(1).join('x')).join();
    const group = open.get(key);
    if (group && group.rows + rows <= maxRows) {
      group.members.push(one);
      group.rows += rows;
    } else {
      const members = [one];
      groups.push(members);
      open.set(key, { rows, members });
    }
  }
  return groups;
}
