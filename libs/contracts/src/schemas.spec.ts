import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { breakingChanges } from './schema-changes.js';
import { eventSchemas, type JsonSchema } from './schemas.js';
import { eventTypes } from './index.js';

const folder = new URL('../schemas/', import.meta.url);
const committed = (type: string) => JSON.parse(readFileSync(new URL(`${type}.json`, folder), 'utf8')) as JsonSchema;
const generated = eventSchemas();

describe('JSON Schemas', () => {
  it.each(eventTypes)('of %s are those committed (npm run schemas writes them)', (type) => {
    expect(generated[type]).toEqual(committed(type));
  });

  it('are committed for the events of the catalogue and no others', () => {
    expect(readdirSync(folder).sort()).toEqual(eventTypes.map((type) => `${type}.json`).sort());
  });

  it.each(eventTypes)('of %s compile, and refuse an empty payload', (type) => {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(generated[type]);

    expect(validate({})).toBe(false);
  });
});

describe('breakingChanges', () => {
  const before: JsonSchema = {
    type: 'object',
    properties: { a: { type: 'string' }, b: { enum: ['x', 'y'] }, c: { type: 'array', items: { type: 'number' } } },
    required: ['a'],
  };
  const change = (part: Partial<JsonSchema>): JsonSchema => ({ ...before, ...part });

  it.each([
    ['nothing', before, []],
    ['a new field', change({ properties: { ...before.properties, d: { type: 'string' } } }), []],
    ['a field that is always there now', change({ required: ['a', 'b'] }), []],
    ['a field that may be absent now', change({ required: [] }), ['$.a: may be absent now']],
    ['a field that is gone', change({ properties: { a: { type: 'string' } } }), ['$.b: is gone', '$.c: is gone']],
    [
      'another type inside a list',
      change({ properties: { ...before.properties, c: { type: 'array', items: { type: 'string' } } } }),
      ['$.c[]: type number became string'],
    ],
    [
      'a value nobody knows',
      change({ properties: { ...before.properties, b: { enum: ['x', 'y', 'z'] } } }),
      ['$.b: new values ["z"]'],
    ],
  ])('finds %s', (_what, after, problems) => {
    expect(breakingChanges(before, after)).toEqual(problems);
  });
});
