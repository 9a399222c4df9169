/** What the tree shows of a span. */
export interface TreeSpan {
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly service: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Siblings with one service and name are shown once, with their number, when there are more than this. */
const SHOWN_ALIKE = 2;
const NO_PARENT = '';

/** The spans of one trace as an indented tree, in order of time; many alike become one line. */
export function traceTree(spans: readonly TreeSpan[]): string[] {
  const known = new Set(spans.map((span) => span.spanId));
  const children = Map.groupBy(spans, (span) =>
    span.parentSpanId && known.has(span.parentSpanId) ? span.parentSpanId : NO_PARENT,
  );
  return linesOf(NO_PARENT, 0, children);
}

/** Names of the services that have spans, in alphabetical order. */
export function servicesOf(spans: readonly TreeSpan[]): string[] {
  return [...new Set(spans.map((span) => span.service))].sort();
}

function linesOf(parent: string, depth: number, children: Map<string, TreeSpan[]>): string[] {
  const siblings = [...(children.get(parent) ?? [])].sort((a, b) => a.startMs - b.startMs);
  const alike = Map.groupBy(siblings, (span) => `${span.service} ${span.name}`);
  return [...alike.values()].flatMap((group) => {
    if (group.length <= SHOWN_ALIKE) return group.flatMap((span) => branch(span, depth, children));
    const [first] = group;
    if (!first) return [];
    const total = group.reduce((sum, span) => sum + span.endMs - span.startMs, 0);
    const more = `${line(first, depth)}  (the first of ${group.length}, together ${total.toFixed(0)} ms)`;
    return [more, ...linesOf(first.spanId, depth + 1, children)];
  });
}

function branch(span: TreeSpan, depth: number, children: Map<string, TreeSpan[]>): string[] {
  return [line(span, depth), ...linesOf(span.spanId, depth + 1, children)];
}

function line(span: TreeSpan, depth: number): string {
  return `${span.service.padEnd(11)} ${'  '.repeat(depth)}${span.name}  ${(span.endMs - span.startMs).toFixed(1)} ms`;
}
