import { describe, expect, it } from 'vitest';
import { servicesOf, traceTree, type TreeSpan } from './trace-tree.js';

const span = (spanId: string, parentSpanId: string | undefined, startMs: number, name = spanId): TreeSpan => ({
  spanId,
  ...(parentSpanId ? { parentSpanId } : {}),
  name,
  service: name === 'root' ? 'demo' : 'registry',
  startMs,
  endMs: startMs + 2,
});

describe('the tree of a trace', () => {
  it('indents children below their parents, in order of time', () => {
    const lines = traceTree([
      span('b', 'root', 5),
      span('a', 'root', 3),
      span('root', undefined, 1),
      span('c', 'a', 4),
    ]);
    expect(lines).toEqual([
      'demo        root  2.0 ms',
      'registry      a  2.0 ms',
      'registry        c  2.0 ms',
      'registry      b  2.0 ms',
    ]);
  });

  it('shows many alike once, with their number', () => {
    const many = Array.from({ length: 40 }, (_, i) => span(`p${i}`, 'root', 10 + i, 'predict'));
    const lines = traceTree([span('root', undefined, 1), ...many]);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain('predict  2.0 ms  (the first of 40, together 80 ms)');
  });

  it('keeps spans whose parent did not arrive', () => {
    expect(traceTree([span('a', 'gone', 3)])).toHaveLength(1);
    expect(servicesOf([span('root', undefined, 1), span('a', 'root', 2)])).toEqual(['demo', 'registry']);
  });
});
