import { describe, expect, it } from 'vitest';
import { centralMirror, mirrorInSettings } from './maven-repository.js';

const mirror = (mirrorOf: string, url: string, more = '') =>
  `<mirror><id>m</id><mirrorOf>${mirrorOf}</mirrorOf><url>${url}</url>${more}</mirror>`;
const settings = (...mirrors: string[]) => `<settings><mirrors>${mirrors.join('\n')}</mirrors></settings>`;

describe('the mirror of Maven Central', () => {
  it.each([
    ['no mirror', settings(), undefined],
    ['one of central', settings(mirror('central', 'https://one.example/maven')), 'https://one.example/maven'],
    ['one of everything', settings(mirror('*', 'https://one.example/')), 'https://one.example/'],
    ['one of everything elsewhere', settings(mirror('external:*', 'https://one.example/')), 'https://one.example/'],
    ['one of a list', settings(mirror('mine, central', 'https://one.example/')), 'https://one.example/'],
    ['one of everything else', settings(mirror('*,!central', 'https://one.example/')), undefined],
    ['one of another repository', settings(mirror('mine', 'https://one.example/')), undefined],
    ['a blocked one', settings(mirror('*', 'http://0.0.0.0/', '<blocked>true</blocked>')), undefined],
    ['one with a placeholder', settings(mirror('*', 'https://${env.MIRROR}/')), undefined],
    ['one in a comment', settings(`<!-- ${mirror('*', 'https://one.example/')} -->`), undefined],
    [
      'two',
      settings(mirror('mine', 'https://one.example/'), mirror('*', 'https://two.example/')),
      'https://two.example/',
    ],
    ['an escaped address', settings(mirror('*', 'https://one.example/?a&amp;b')), 'https://one.example/?a&b'],
    ['spaces', settings(mirror(' * ', '\n https://one.example/ ')), 'https://one.example/'],
    ['rubbish', '<settings><mirrors><mirror>', undefined],
  ])('in settings with %s', (_, text, expected) => expect(centralMirror(text)).toBe(expected));

  it('is none without settings', () => expect(mirrorInSettings('/nowhere/settings.xml')).toBeUndefined());
});
