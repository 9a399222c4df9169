import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { rootDigest, sortByName } from './root-digest.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const file = (name: string, digest = sha256(name)) => ({ name, digest });

describe('rootDigest', () => {
  it('is that of the reference tool for one file with the text abc', () => {
    expect(rootDigest([file('model.onnx', sha256('abc'))])).toBe(
      '4f8b42c22dd3729b519ba6f68d2da7cc5b2d606d05daed5ad5128cc03e6c6358',
    );
  });

  it('does not depend on the order of the files, nor on their names beyond their order', () => {
    const [first, second] = [sha256('first'), sha256('second')];
    const root = createHash('sha256')
      .update(Buffer.from(first + second, 'hex'))
      .digest('hex');
    expect(rootDigest([file('b', second), file('a', first)])).toBe(root);
    expect(rootDigest([file('x/a', first), file('x/b', second)])).toBe(root);
  });

  it('orders names by code points, neither by UTF-16 units nor by path components', () => {
    const names = ['😀', '\uFF5E', 'a/x', 'a-b/x', 'Z'].map((name) => file(name));
    expect(sortByName(names).map(({ name }) => name)).toEqual(['Z', 'a-b/x', 'a/x', '\uFF5E', '😀']);
  });

  it('refuses a model without files, and a name that comes twice', () => {
    expect(() => rootDigest([])).toThrow(expect.objectContaining({ reason: 'malformed' }));
    expect(() => rootDigest([file('a'), file('a')])).toThrow(expect.objectContaining({ reason: 'malformed' }));
  });
});
