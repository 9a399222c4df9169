import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where Maven keeps what the user has set. */
export const USER_SETTINGS = join(homedir(), '.m2', 'settings.xml');

/** The id of the repository that Maven knows without being told. */
const CENTRAL = 'central';

/** Base URL of the mirror of Maven Central that the settings file names, if there is one. */
export function mirrorInSettings(file: string): string | undefined {
  try {
    return centralMirror(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * The first mirror for Maven Central in a `settings.xml`. One that is blocked, or whose address has placeholders that
 * only Maven can fill in, counts as none.
 */
export function centralMirror(settings: string): string | undefined {
  const text = settings.replaceAll(/<!--[\s\S]*?-->/g, '');
  for (const [, mirror = ''] of text.matchAll(/<mirror>([\s\S]*?)<\/mirror>/g)) {
    const url = element(mirror, 'url');
    const isUsable = url !== undefined && !url.includes('${') && element(mirror, 'blocked') !== 'true';
    if (isUsable && mirrorsCentral(element(mirror, 'mirrorOf') ?? '')) return url;
  }
  return undefined;
}

/** `mirrorOf` is a list of ids, `*` and `external:*`, with `!id` for exceptions (Maven's guide to mirror settings). */
function mirrorsCentral(mirrorOf: string): boolean {
  const names = mirrorOf.split(',').map((name) => name.trim());
  if (names.includes(`!${CENTRAL}`)) return false;
  return names.some((name) => name === CENTRAL || name === '*' || name === 'external:*');
}

function element(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]?.trim();
  return text?.replaceAll('&amp;', '&');
}
