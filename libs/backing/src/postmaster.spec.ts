import { describe, expect, it } from 'vitest';
import { parsePostmaster, readPostmaster } from './postmaster.js';

const lines = (status: string) => `4711\n/data\n1764000000\n4190\n\n127.0.0.1\n  917505   0\n${status}\n`;

describe('postmaster.pid', () => {
  it.each([
    ['of one that is ready', lines('ready   '), { pid: 4711, ready: true }],
    ['of one that starts', lines('starting'), { pid: 4711, ready: false }],
    ['of one that stops', lines('stopping'), { pid: 4711, ready: false }],
    ['of one that has only begun', '4711\n/data\n', { pid: 4711, ready: false }],
    ['of a stand-alone backend', '-4711\n/data\n', { pid: 4711, ready: false }],
    ['that is empty', '', undefined],
    ['of something else', 'hello\n', undefined],
  ])('%s', (_, text, expected) => expect(parsePostmaster(text)).toEqual(expected));

  it('may be missing', () => expect(readPostmaster('/nowhere')).toBeUndefined());
});
