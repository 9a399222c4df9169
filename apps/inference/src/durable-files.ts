import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const OWNER_ONLY = 0o600;

/** Writes a file so that it is whole or as it was, whatever happens in between, power cuts included. */
export function writeDurably(file: string, content: string): void {
  const part = `${file}.part`;
  const handle = openSync(part, 'w', OWNER_ONLY);
  try {
    writeFileSync(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(part, file);
  syncFolder(dirname(file));
}

/** Whole or as it was if the process dies; a power cut may bring an earlier content back. */
export function writeWhole(file: string, content: string): void {
  writeFileSync(`${file}.part`, content, { mode: OWNER_ONLY });
  renameSync(`${file}.part`, file);
}

export function removeDurably(file: string): void {
  rmSync(file, { force: true });
  syncFolder(dirname(file));
}

/** Makes the names in a folder survive a power cut. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
