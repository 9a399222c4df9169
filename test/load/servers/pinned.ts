import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export const SERVER_CORE = 0;
/** The load's, and that of everything else that runs beside the server. */
export const LOAD_CORE = 1;

const AGAIN_MS = 200;
const STOP_TIMEOUT_MS = 15_000;
const MAX_SAID = 4000;

const running = new Set<ChildProcess>();

/** A program that was started on one core. */
export class PinnedProcess {
  /** The end of what it wrote. */
  said = '';
  private readonly exited: Promise<unknown>;

  constructor(private readonly child: ChildProcess) {
    running.add(child);
    this.exited = once(child, 'exit')
      .catch(() => undefined)
      .finally(() => running.delete(child));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text) => (this.said = `${this.said}${text}`.slice(-MAX_SAID)));
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Tries until it answers. @throws Error with what the program said when it ends, or takes too long */
  async answering(probe: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    const until = Date.now() + timeoutMs;
    while (!(await probe().catch(() => false))) {
      const { exitCode, signalCode } = this.child;
      if (exitCode !== null || signalCode !== null) throw new Error(`a server ended:\n${this.said}`);
      if (Date.now() > until) throw new Error(`a server does not answer:\n${this.said}`);
      await new Promise((done) => setTimeout(done, 100));
    }
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  /** SIGTERM twice: whoever asks again does not want to wait for what is in flight. SIGKILL if that does not help. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    setTimeout(() => this.child.kill('SIGTERM'), AGAIN_MS);
    const killer = setTimeout(() => this.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.exited;
    clearTimeout(killer);
  }
}

/** `taskset` becomes the program: its pid is the program's. */
export function startPinned(
  core: number,
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): PinnedProcess {
  return new PinnedProcess(spawn('taskset', ['-c', String(core), command, ...args], options));
}

/** For an end that somebody wants at once. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** This process and what it starts from now on. */
export function pinMyself(core: number): void {
  execFileSync('taskset', ['-a', '-c', '-p', String(core), String(process.pid)], { stdio: 'ignore' });
}
