import { fileURLToPath } from 'node:url';

/** A path in the repository, of which this is compiled to `test/dist/load`. */
export function repositoryPath(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url));
}
