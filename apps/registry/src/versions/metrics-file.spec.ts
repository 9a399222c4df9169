import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMetrics } from './metrics-file.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-metrics-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(content: string): Promise<Record<string, number>> {
  const path = join(folder, 'metrics.json');
  writeFileSync(path, content);
  return readMetrics(path);
}

describe('metrics', () => {
  it('are numbers by name', async () => {
    expect(await read('{"accuracy":0.93,"loss":-1e-3}')).toEqual({ accuracy: 0.93, loss: -0.001 });
  });

  it.each([
    ['half a file', '{"accuracy":', /no JSON/],
    ['a list', '[1]', /object of numbers/],
    ['null', 'null', /object of numbers/],
    ['a text among them', '{"accuracy":"good"}', /"accuracy"/],
    ['a number beyond all numbers', '{"loss":1e999}', /"loss"/],
    ['a name without an end', JSON.stringify({ ['x'.repeat(201)]: 1 }), /name/],
    ['a name that Postgres cannot store', '{"a\\u0000b":1}', /NUL/],
    ['five hundred and one', JSON.stringify(Object.fromEntries(Array.from({ length: 501 }, (_, i) => [i, 1]))), /500/],
  ])('refuses %s', async (_, content, reason) => {
    await expect(read(content)).rejects.toMatchObject({
      status: 422,
      message: expect.stringMatching(reason) as string,
    });
  });
});
