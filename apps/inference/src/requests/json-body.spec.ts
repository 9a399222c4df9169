import { describe, expect, it } from 'vitest';
import { parseJsonBody } from './json-body.js';

const parsed = (text: string) => parseJsonBody(Buffer.from(text));

describe('parseJsonBody', () => {
  it.each<[string, string, unknown]>([
    ['an object', '{"a": [1, 2.5, "x", null, true]}', { a: [1, 2.5, 'x', null, true] }],
    ['a byte order mark', '\uFEFF{"a": 1}', { a: 1 }],
    [
      'large integers where they matter',
      '{"datatype":"INT64","data":[9007199254740993,-9223372036854775808,7]}',
      { datatype: 'INT64', data: [9007199254740993n, -9223372036854775808n, 7] },
    ],
    [
      'many decimals',
      '{"datatype":"INT64","data":[0.30000001192092896]}',
      { datatype: 'INT64', data: [0.30000001192092896] },
    ],
    ['large numbers elsewhere as they always are', '[12345678901234567890]', [12345678901234567000]],
    [
      'what is no number, as something of no datatype',
      '{"data":[NaN,-Infinity,"NaN \\" Infinity"]}',
      { data: [{ 'not a number': null }, { 'not a number': null }, 'NaN " Infinity'] },
    ],
  ])('reads %s', (_what, text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no bytes', Buffer.alloc(0)],
    ['broken JSON', Buffer.from('{"a": ')],
    ['broken JSON with NaN in it', Buffer.from('{"a": NaN')],
    ['other bytes', Buffer.from([0x22, 0xff, 0x22])],
  ])('refuses %s', (_what, body) => {
    expect(() => parseJsonBody(body)).toThrow(/^body/);
  });
});
