import type { Attributes } from '../attributes.js';
import { UnboundedError } from '../shapes/size.js';

/** How many trees there are, and how many nodes the longest way through one of them has. */
export interface Forest {
  readonly trees: number;
  readonly depth: number;
}

/** The only mode of a node that has four letters: a leaf. */
const LEAF_LENGTH = 4;
/** In place of a branch. */
const NONE = -1;
const NOWHERE = -2;

/** Of TreeEnsembleClassifier and TreeEnsembleRegressor: nodes in lists, named by tree and number. @throws UnboundedError */
export function forestOf(attributes: Attributes): Forest {
  const treeIds = attributes.ints('nodes_treeids') ?? [];
  const find = finder(treeIds, attributes.ints('nodes_nodeids') ?? []);
  const modes = attributes.textLengths('nodes_modes');
  const branches = ['nodes_truenodeids', 'nodes_falsenodeids'].map((name) => {
    const ids = attributes.ints(name) ?? [];
    return branchesOf(treeIds.length, (node) =>
      modes[node] === LEAF_LENGTH ? NONE : find(treeIds[node] ?? NaN, ids[node] ?? NaN),
    );
  });
  return { trees: new Set(treeIds).size, depth: longestWay(treeIds.length, branches) };
}

/** Of TreeEnsemble (ai.onnx.ml 5): branches are positions, leaves a list of their own. @throws UnboundedError */
export function indexedForestOf(attributes: Attributes): Forest {
  const nodes = attributes.count('nodes_featureids');
  const branches = ['true', 'false'].map((side) => {
    const isLeaf = attributes.ints(`nodes_${side}leafs`) ?? [];
    const ids = attributes.ints(`nodes_${side}nodeids`) ?? [];
    return branchesOf(nodes, (node) => (isLeaf[node] ? NONE : (ids[node] ?? NOWHERE)));
  });
  return { trees: attributes.count('tree_roots'), depth: longestWay(nodes, branches) + 1 };
}

/** @throws UnboundedError for a branch that leads out of the forest */
function branchesOf(nodes: number, target: (node: number) => number): Int32Array {
  const branches = new Int32Array(nodes);
  for (let node = 0; node < nodes; node += 1) {
    const to = target(node);
    if (to !== NONE && !(to >= 0 && to < nodes)) throw new UnboundedError('a tree with a branch to nowhere');
    branches[node] = to;
  }
  return branches;
}

/** Nodes of a tree mostly stand in order, so that a number is a distance from its first one. */
function finder(treeIds: readonly number[], nodeIds: readonly number[]): (tree: number, node: number) => number {
  const first = new Map<number, number>();
  treeIds.forEach((tree, index) => {
    if (!first.has(tree)) first.set(tree, index);
  });
  let byName: Map<string, number> | undefined;
  return (tree, node) => {
    const likely = (first.get(tree) ?? 0) + node;
    if (treeIds[likely] === tree && nodeIds[likely] === node) return likely;
    byName ??= new Map(treeIds.map((id, index) => [`${id}:${nodeIds[index]}`, index]));
    return byName.get(`${tree}:${node}`) ?? NOWHERE;
  };
}

/**
 * The longest way along the branches, in nodes. Exporters may lead two branches to one node, but a way that comes back
 * to where it was would not end.
 */
function longestWay(nodes: number, branches: readonly Int32Array[]): number {
  const incoming = incomingOf(nodes, branches);
  const depth = new Uint32Array(nodes).fill(1);
  const ready = new Uint32Array(nodes);
  let count = 0;
  for (let node = 0; node < nodes; node += 1) if (incoming[node] === 0) ready[count++] = node;
  let longest = 0;
  for (let next = 0; next < count; next += 1) {
    const node = ready[next] ?? 0;
    const below = (depth[node] ?? 0) + 1;
    longest = Math.max(longest, below - 1);
    for (const side of branches) {
      const to = side[node] ?? NONE;
      if (to === NONE) continue;
      if ((depth[to] ?? 0) < below) depth[to] = below;
      incoming[to] = (incoming[to] ?? 0) - 1;
      if (incoming[to] === 0) ready[count++] = to;
    }
  }
  if (count < nodes) throw new UnboundedError('a tree whose branches come back');
  return longest;
}

function incomingOf(nodes: number, branches: readonly Int32Array[]): Uint32Array {
  const incoming = new Uint32Array(nodes);
  for (const side of branches) for (const to of side) if (to !== NONE) incoming[to] = (incoming[to] ?? 0) + 1;
  return incoming;
}
