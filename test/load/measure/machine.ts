import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import { repositoryPath } from '../repository.js';

/** What a reader of the figures has to know. */
export function machineFacts(): Record<string, string | number> {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    kernel: release(),
    node: process.version,
    python: said('python3', '--version'),
    commit: said('git', '-C', repositoryPath('.'), 'describe', '--always', '--dirty'),
    at: new Date().toISOString(),
  };
}

function said(command: string, ...args: string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
}
