import type { Dice } from '../dice.js';
import { become, nodesOf, renderTree, treeOf, type JsonTree } from '../mutations/json-tree.js';
import { tokens } from '../mutations/words.js';

const MAX_BYTES = 15 * 1024 * 1024;

/** A request of megabytes: one of its lists or texts goes on and on. */
export function enlarge(question: unknown, dice: Dice): Buffer {
  const tree = treeOf(question);
  const bytes = 1024 + dice.below(MAX_BYTES);
  if (dice.chance(0.3)) return enlargedOnce(tree, bytes, dice);
  const places = nodesOf(tree).filter((node) => 'list' in node || 'text' in node);
  const place = dice.pick(places);
  const filler = fillerOf(place, dice);
  const mark = '\u{e000}';
  // Written once, and repeated as text: a tree of so many values would take longer to make than to send.
  if ('list' in place) place.list.push({ token: mark });
  else if ('text' in place) place.text = mark;
  if (dice.chance(0.3)) stretchShape(tree, Math.floor(bytes / filler.length));
  const [head = '', after = ''] = renderTree(tree).split(mark);
  const before = head.replace(/,$/, '');
  const first = before.endsWith('[') ? filler.replace(/^,/, '') : filler;
  return Buffer.from(before + first + filler.repeat(Math.floor(bytes / filler.length)) + after);
}

/** By one value that is large in itself. */
function enlargedOnce(tree: JsonTree, bytes: number, dice: Dice): Buffer {
  const place = dice.pick(nodesOf(tree));
  become(place, {
    token: dice.weighted<() => string>([
      [2, () => `{${Array.from({ length: Math.floor(bytes / 14) }, (_, index) => `"k${index}":0`).join()}}`],
      [1, () => `{${'"a":1,'.repeat(Math.floor(bytes / 6))}"a":1}`],
      [1, () => '['.repeat(bytes)],
      [1, () => '{"a":'.repeat(Math.floor(bytes / 5))],
      [1, () => '9'.repeat(bytes)],
      [1, () => `[12345678901234567,${'1,'.repeat(Math.floor(bytes / 2))}"INT64"]`],
    ])(),
  });
  return Buffer.from(renderTree(tree));
}

function fillerOf(place: JsonTree, dice: Dice): string {
  if ('text' in place) return dice.pick(['x', '漢', '\\u0041', '\\"']);
  if (!('list' in place)) return '';
  const [last] = place.list.slice(-1);
  const other = dice.weighted<string>([
    [4, last ? renderTree(last) : '0'],
    [2, dice.pick(tokens) || '0'],
    [1, '12345678901234567'],
    [1, dice.pick(['[1,2]', '"INT64"', '{}', '[]', '""', '[[[]]]', 'NaN'])],
  ]);
  return `,${other}`;
}

/** So that as many values are what it says. */
function stretchShape(tree: JsonTree, count: number): void {
  for (const node of nodesOf(tree)) {
    if (!('fields' in node)) continue;
    const shape = node.fields.find(([name]) => name === 'shape')?.[1];
    if (!shape || !('list' in shape) || shape.list.length === 0) continue;
    const width = shape.list
      .slice(1)
      .reduce((product, size) => product * ('token' in size ? Number(size.token) : 1), 1);
    shape.list[0] = { token: String(Math.max(1, Math.floor((count + 2) / width))) };
  }
}
