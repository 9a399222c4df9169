import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

const SMALL = '1m';
const LARGE = '256m';

/** A folder whose disk is full after a mebibyte, until it gets more room. */
export interface SmallDisk {
  /** Of a process that writes to it: nothing, where the disk itself is small. */
  fill(pid: number): void;
  makeRoom(pid: number): void;
  remove(): void;
}

export type SmallDiskKind = 'a small file system' | 'a process that may not write';

/** How a disk can be full here: a file system of its own needs the right to mount one. */
export function smallDiskKind(): SmallDiskKind | undefined {
  const probe = '/tmp/baton-small-disk-probe';
  mkdirSync(probe, { recursive: true });
  if (works('mount', '-t', 'tmpfs', '-o', `size=${SMALL}`, 'none', probe)) {
    execFileSync('umount', [probe]);
    return 'a small file system';
  }
  return works('prlimit', '--fsize') ? 'a process that may not write' : undefined;
}

export function smallDisk(kind: SmallDiskKind | undefined, folder: string): SmallDisk {
  mkdirSync(folder, { recursive: true });
  if (kind === 'a process that may not write') {
    return {
      fill: (pid) => run('prlimit', `--pid=${pid}`, '--fsize=0:unlimited'),
      makeRoom: (pid) => run('prlimit', `--pid=${pid}`, '--fsize=unlimited'),
      remove: () => undefined,
    };
  }
  run('mount', '-t', 'tmpfs', '-o', `size=${SMALL}`, 'none', folder);
  return {
    fill: () => undefined,
    makeRoom: () => run('mount', '-o', `remount,size=${LARGE}`, folder),
    remove: () => run('umount', '--lazy', folder),
  };
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function works(command: string, ...args: string[]): boolean {
  try {
    run(command, ...args);
    return true;
  } catch {
    return false;
  }
}
