import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from './config.js';

/** A script of an app, run as a process of its own. */
export interface ChildOptions {
  /** `registry/dist/main.js`, below the folder of the apps. */
  readonly script: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
}

const apps = new URL('../../', import.meta.url);

/**
 * Starts the script in a process group of its own, so that Ctrl-C reaches only this program, which then stops
 * everything in order. The IPC channel tells the child when this program has died.
 */
export function startChild({ script, env, logFile }: ChildOptions): ChildProcess {
  const log = openSync(logFile, 'a');
  const flags = ['--max-old-space-size=320', '--disable-warning=TimeoutNegativeWarning'];
  return spawn(process.execPath, [...flags, fileURLToPath(new URL(script, apps))], {
    env: { ...inheritedEnvironment(), ...env },
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  });
}

/** Runs the script to its end. @throws when it fails, with the end of its log */
export async function runChild(options: ChildOptions): Promise<void> {
  const child = startChild(options);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${options.script} failed (exit ${String(code)}):\n${endOf(options.logFile)}`);
}

/** Asks the child to stop; after `timeoutMs` it is killed. */
export async function stopChild(child: ChildProcess, timeoutMs = 15_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  await gone;
  clearTimeout(timer);
}

/** The last lines of a log. */
export function endOf(logFile: string, lines = 15): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}
