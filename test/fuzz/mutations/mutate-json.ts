import type { Dice } from '../dice.js';
import { become, nodesOf, renderTree, treeOf, type JsonTree } from './json-tree.js';
import { mutateBytes } from './mutate-bytes.js';
import { datatypes, fragments, keys, texts, tokens } from './words.js';

const MAX_DEPTH = 20_000;
const MAX_ITEMS = 2000;
const LONG_TEXT = 30_000;

type Change = (tree: JsonTree, dice: Dice) => void;

const replaceValue: Change = (tree, dice) => become(anyNode(tree, dice), valueOf(dice));

const changes: readonly (readonly [share: number, change: Change])[] = [
  [6, replaceValue],
  [
    4,
    function changeNumber(tree, dice) {
      const numbers = nodesOf(tree).filter((node) => 'token' in node);
      if (numbers.length > 0) dice.pick(numbers).token = dice.pick(tokens);
    },
  ],
  [
    4,
    function changeText(tree, dice) {
      const found = nodesOf(tree).filter((node) => 'text' in node);
      if (found.length > 0) dice.pick(found).text = dice.pick(dice.chance(0.5) ? datatypes : texts);
    },
  ],
  [
    3,
    function leaveOut(tree, dice) {
      const items = anyItems(tree, dice);
      items?.splice(dice.below(items.length), 1);
    },
  ],
  [
    3,
    function repeat(tree, dice) {
      const items = anyItems(tree, dice);
      if (!items || items.length === 0) return;
      const item = dice.pick(items);
      const count = 1 + dice.small(Math.max(1, Math.floor(MAX_ITEMS / nodesOf(tree).length)));
      const copies = Array.from({ length: count }, () => structuredClone(item));
      items.splice(dice.below(items.length + 1), 0, ...copies);
    },
  ],
  [
    2,
    function swap(tree, dice) {
      const items = anyItems(tree, dice);
      if (!items || items.length === 0) return;
      const [from, to] = [dice.below(items.length), dice.below(items.length)];
      [items[from], items[to]] = [items[to], items[from]];
    },
  ],
  [
    2,
    function wrap(tree, dice) {
      const node = anyNode(tree, dice);
      become(node, dice.chance(0.5) ? { list: [node] } : { fields: [[dice.pick(keys), node]] });
    },
  ],
  [
    3,
    function addField(tree, dice) {
      const objects = nodesOf(tree).filter((node) => 'fields' in node);
      if (objects.length === 0) return;
      const { fields } = dice.pick(objects);
      fields.splice(dice.below(fields.length + 1), 0, [dice.pick(keys), valueOf(dice)]);
    },
  ],
  [
    2,
    function renameField(tree, dice) {
      const fields = nodesOf(tree).flatMap((node) => ('fields' in node ? node.fields : []));
      if (fields.length === 0) return;
      const field = dice.pick(fields);
      field[0] = dice.pick(dice.chance(0.7) ? keys : texts);
    },
  ],
  [2, (tree, dice) => become(anyNode(tree, dice), anyNode(tree, dice))],
];

/** A value's JSON, with a few changes that keep it JSON, mostly. */
export function mutateJson(value: unknown, dice: Dice): Buffer {
  const tree = treeOf(value);
  const count = 1 + dice.small(4);
  for (let turn = 0; turn < count; turn += 1) dice.weighted(changes)(tree, dice);
  return Buffer.from(renderAnyhow(tree, dice));
}

/** The same with changes of bytes, or both, or neither. */
export function mutateJsonBytes(value: unknown, dice: Dice): Buffer {
  const plain = (): Buffer => Buffer.from(renderAnyhow(treeOf(value), dice));
  return dice.weighted([
    [1, plain],
    [10, () => mutateJson(value, dice)],
    [4, () => mutateBytes(plain(), dice, fragments)],
    [2, () => mutateBytes(mutateJson(value, dice), dice, fragments)],
  ])();
}

function renderAnyhow(tree: JsonTree, dice: Dice): string {
  const space = dice.chance(0.85) ? '' : dice.pick([' ', '\n', '\t', '\r\n  ']);
  if (dice.chance(0.9)) return renderTree(tree, space);
  return renderTree(tree, space, (text) => `"${text.replace(/[\s\S]/g, escaped)}"`);
}

function escaped(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function valueOf(dice: Dice): JsonTree {
  return dice.weighted<() => JsonTree>([
    [8, () => ({ token: dice.pick(tokens) })],
    [6, () => ({ text: dice.pick(dice.chance(0.5) ? datatypes : texts) })],
    [1, () => ({ text: dice.pick(['x', '😀', '\ud800']).repeat(1 + dice.small(LONG_TEXT)) })],
    [1, () => deep(1 + dice.small(MAX_DEPTH), dice.chance(0.5))],
    [1, () => ({ list: Array.from({ length: dice.small(MAX_ITEMS) }, () => ({ token: dice.pick(tokens) })) })],
  ])();
}

/** Written at once: a tree of such a depth is too much for whoever walks it. */
function deep(depth: number, isList: boolean): JsonTree {
  return {
    token: isList ? `${'['.repeat(depth)}${']'.repeat(depth)}` : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
  };
}

function anyNode(tree: JsonTree, dice: Dice): JsonTree {
  return dice.pick(nodesOf(tree));
}

function anyItems(tree: JsonTree, dice: Dice): unknown[] | undefined {
  const found = nodesOf(tree).filter((node) => 'list' in node || 'fields' in node);
  if (found.length === 0) return undefined;
  const node = dice.pick(found);
  return 'list' in node ? node.list : node.fields;
}
