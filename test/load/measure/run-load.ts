import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { LoadResult, LoadSpec } from '../generators/load-spec.js';
import { LOAD_CORE } from '../servers/pinned.js';

const program = fileURLToPath(new URL('../generators/load-main.js', import.meta.url));
const PATIENCE_MS = 30_000;

/** Makes the load in a process of its own on the load's core, and gives what came of it. */
export async function runLoad(spec: LoadSpec): Promise<LoadResult> {
  const child = spawn('taskset', ['-c', String(LOAD_CORE), process.execPath, program], {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: (spec.warmupSeconds + spec.seconds) * 1000 + PATIENCE_MS,
    killSignal: 'SIGKILL',
  });
  child.stdin.end(JSON.stringify(spec));
  const answer = await text(child.stdout);
  if (answer === '') throw new Error('the load ended without a result');
  return JSON.parse(answer) as LoadResult;
}
