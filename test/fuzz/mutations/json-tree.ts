/** JSON that may be wrong: numbers and words as they are written, fields that may come twice. */
export type JsonTree = { token: string } | { text: string } | { list: JsonTree[] } | { fields: [string, JsonTree][] };

export function treeOf(value: unknown): JsonTree {
  if (typeof value === 'string') return { text: value };
  if (Array.isArray(value)) return { list: value.map(treeOf) };
  if (typeof value !== 'object' || value === null) return { token: String(value) };
  const entries = Object.entries(value).filter(([, of]) => of !== undefined);
  return { fields: entries.map(([name, of]) => [name, treeOf(of)]) };
}

/**
 * @param space between tokens
 * @param escape writes a text, with its quotes
 */
export function renderTree(tree: JsonTree, space = '', escape: (text: string) => string = JSON.stringify): string {
  const parts: string[] = [];
  const write = (node: JsonTree): void => {
    if ('token' in node) parts.push(node.token);
    else if ('text' in node) parts.push(escape(node.text));
    else if ('list' in node) {
      parts.push('[', space);
      node.list.forEach((item, index) => {
        if (index > 0) parts.push(',', space);
        write(item);
      });
      parts.push(space, ']');
    } else {
      parts.push('{', space);
      node.fields.forEach(([name, value], index) => {
        if (index > 0) parts.push(',', space);
        parts.push(escape(name), space, ':', space);
        write(value);
      });
      parts.push(space, '}');
    }
  };
  write(tree);
  return parts.join('');
}

/** Every node below and the tree itself, outermost first. */
export function nodesOf(tree: JsonTree): JsonTree[] {
  const nodes: JsonTree[] = [tree];
  for (let at = 0; at < nodes.length; at += 1) {
    const node = nodes[at] as JsonTree;
    if ('list' in node) nodes.push(...node.list);
    else if ('fields' in node) nodes.push(...node.fields.map(([, value]) => value));
  }
  return nodes;
}

/** Makes a node what another one is, in its place. */
export function become(node: JsonTree, other: JsonTree): void {
  const copy = structuredClone(other);
  for (const key of Object.keys(node)) delete (node as Record<string, unknown>)[key];
  Object.assign(node, copy);
}
