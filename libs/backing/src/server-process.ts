import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { writePidFile } from './process-file.js';
import { isAlive, recordOf, stopProcess } from './process-record.js';

/** A server that is to run beside this process, in a process group of its own. */
export interface ServerOptions {
  readonly name: string;
  /** Absolute path. */
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Names the process, so that a later run can stop it if this one is killed. */
  readonly pidFile: string;
  readonly logFile: string;
  /** What asks it to stop; it is killed when it has not after `stopTimeoutMs`. */
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
  readonly env?: Readonly<Record<string, string>>;
  /** User and group to run as. */
  readonly uid?: number;
  readonly gid?: number;
}

/** A server that runs. */
export interface ServerProcess {
  readonly pid: number;
  /** Whether it still runs. */
  alive(): boolean;
  kill(signal: NodeJS.Signals): void;
  /** Whether it ended without being killed. */
  stop(): Promise<boolean>;
}

export function startServer(options: ServerOptions): ServerProcess {
  const { command, args, cwd, pidFile, logFile, stopSignal, stopTimeoutMs, env, uid, gid } = options;
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, {
    cwd,
    env: env ?? {},
    detached: true,
    stdio: ['ignore', log, log],
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  closeSync(log);
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  child.on('error', () => undefined);
  child.unref();
  if (child.pid === undefined) throw new Error(`${options.name} could not be started: ${command}`);
  const record = recordOf(child.pid);
  writePidFile(pidFile, record);
  return {
    pid: child.pid,
    alive: () => isAlive(record),
    kill: (signal) => void child.kill(signal),
    stop: async () => {
      await stopProcess(record, stopSignal, stopTimeoutMs);
      rmSync(pidFile, { force: true });
      child.ref();
      await exited;
      return child.signalCode !== 'SIGKILL';
    },
  };
}

/** Waits until the server answers. @throws Error with the end of its log when it ends first or takes too long */
export async function whenAnswering(
  server: ServerProcess,
  options: Pick<ServerOptions, 'name' | 'logFile'>,
  answers: () => Promise<boolean> | boolean,
  timeoutMs: number,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await answers())) {
    const late = Date.now() > deadline;
    if (late || !server.alive()) {
      const what = late ? `does not answer after ${timeoutMs / 1000} s` : 'ended while starting';
      await server.stop();
      throw new Error(`${options.name} ${what}; the end of ${options.logFile}:\n${endOf(options.logFile)}`);
    }
    await pause(30);
  }
}

function endOf(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-20).join('\n');
}
