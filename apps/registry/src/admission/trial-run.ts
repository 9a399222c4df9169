import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { tmpdir } from 'node:os';
import type { TrialAnswer, TrialResult } from './trial-answer.js';

export interface TrialLimits {
  readonly timeoutMs: number;
  /** Beside what the model itself needs. */
  readonly memoryMb: number;
}

/** Thrown with the reason when a model does not load and run within its limits. */
export class TrialError extends Error {
  override readonly name = 'TrialError';
}

/** Address space that Node and the runtime reserve without using it. */
const RESERVED_MB = 2048;
const MAX_OUTPUT_BYTES = 1_000_000;
/** Copies of the weights that loading and optimising may hold. */
const COPIES = 4;

/**
 * Scans the model, loads it and runs it once in a process of its own, with limits on address space, processor time and
 * time. The process gets no environment and no standard input, and can write no file. Where `prlimit` is missing, memory is not limited.
 * @throws TrialError
 */
export async function trialRun(path: string, limits: TrialLimits): Promise<TrialResult> {
  const { size } = await stat(path);
  const memoryMb = RESERVED_MB + limits.memoryMb + Math.ceil((COPIES * size) / 2 ** 20);
  const { output, signal, timedOut } = await run(commandFor(path, memoryMb, limits.timeoutMs), limits.timeoutMs);
  if (timedOut) throw new TrialError(`its trial run did not end within ${limits.timeoutMs / 1000} s`);
  const answer = parse(output);
  if (!answer) {
    const how = signal ? `was ended by ${signal}` : 'ended without an answer';
    throw new TrialError(`its trial run ${how}: it needs more than ${limits.memoryMb} MB, or breaks the runtime`);
  }
  if ('refused' in answer) throw new TrialError(answer.refused);
  if ('error' in answer) throw new TrialError(`the runtime refuses it: ${firstLine(answer.error)}`);
  return answer;
}

/** What Node is to run. In sources that is TypeScript, which it reads as it is, and libraries are sources then too. */
function program(): string[] {
  const [compiled, source, hooks] = ['./trial.js', './trial.ts', './typescript-sources.ts'].map((file) =>
    fileURLToPath(new URL(file, import.meta.url)),
  );
  if (compiled && existsSync(compiled)) return [compiled];
  return ['--conditions=@baton/source', `--import=${hooks}`, source ?? ''];
}

function commandFor(path: string, memoryMb: number, timeoutMs: number): string[] {
  const node = [
    process.execPath,
    '--max-old-space-size=256',
    '--disable-warning=ExperimentalWarning',
    ...program(),
    path,
  ];
  const prlimit = ['/usr/bin/prlimit', '/bin/prlimit'].find((file) => existsSync(file));
  if (!prlimit) return node;
  const seconds = Math.ceil(timeoutMs / 1000) + 1;
  return [prlimit, `--as=${memoryMb * 2 ** 20}`, `--cpu=${seconds}`, '--core=0', '--fsize=0', ...node];
}

interface Ended {
  readonly output: string;
  readonly signal: NodeJS.Signals | null;
  readonly timedOut: boolean;
}

function run([command = '', ...args]: string[], timeoutMs: number): Promise<Ended> {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { env: {}, cwd: tmpdir(), stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length > MAX_OUTPUT_BYTES) child.kill('SIGKILL');
    });
    child.once('error', failed);
    child.once('close', (_code, signal) => {
      clearTimeout(timer);
      done({ output, signal, timedOut });
    });
  });
}

function parse(output: string): TrialAnswer | undefined {
  try {
    return JSON.parse(output.trim().split('\n').at(-1) ?? '') as TrialAnswer;
  } catch {
    return undefined;
  }
}

/** The runtime's messages name its own source files, which is of no use to an author. */
function firstLine(message: string): string {
  const [line = ''] = message.split('\n');
  return line.replace(/\/\S+\/(\S+\.(cc|h)):\d+ ?/g, '').slice(0, 500);
}
