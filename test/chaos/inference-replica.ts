import { variableName } from '@baton/service';
import { waitFor } from '@baton/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort, type RunningInference } from '../integration/inference/running-inference.js';

const main = fileURLToPath(new URL('../../apps/inference/dist/main.js', import.meta.url));
const START_WITHIN_MS = 90_000;

/** The built service as a process that may be mistreated. Started again, it has its ports and its disk. */
export class Replica {
  /** How each of its lives ended: an exit code or a signal. */
  readonly ends: (number | string)[] = [];
  private child: ChildProcess | undefined;
  private said: string[] = [];

  private constructor(
    private readonly env: NodeJS.ProcessEnv,
    readonly port: number,
    readonly grpcPort: number,
  ) {}

  /** With the configuration and the surroundings of a replica that does not run itself; not started yet. */
  static async around(around: RunningInference, change: Record<string, string | number> = {}): Promise<Replica> {
    const ports = { port: await freePort(), grpcPort: await freePort() };
    const config = Object.entries({ ...around.config, ...ports, ...change });
    const variables = config.flatMap(([field, value]) =>
      value === undefined ? [] : [[variableName(field), String(value)]],
    );
    const env = { PATH: process.env['PATH'], ...(Object.fromEntries(variables) as NodeJS.ProcessEnv) };
    return new Replica(env, ports.port, ports.grpcPort);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.child?.pid ?? NaN;
  }

  /** Begins to start. */
  launch(): void {
    this.said = [];
    const child = spawn(process.execPath, [main], { env: this.env });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => this.said.push(String(text)));
    child.once('exit', (code, signal) => this.ends.push(signal ?? Number(code)));
    this.child = child;
  }

  async start(): Promise<void> {
    this.launch();
    const before = this.ends.length;
    const probe = async () => {
      if (this.ends.length > before) return true;
      return (await fetch(`${this.url}/readyz`)).ok ? true : undefined;
    };
    await waitFor(probe, { what: () => `readiness of the replica:\n${this.log}`, timeoutMs: START_WITHIN_MS });
    if (this.ends.length > before) throw new Error(`the replica has ended:\n${this.log}`);
  }

  /** What it has said in this life. */
  get log(): string {
    return this.said.join('');
  }

  /** Sends the signal, and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** Processes of models: those that it has started. */
  children(): number[] {
    const list = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8');
    return list.split(' ').filter(Boolean).map(Number);
  }

  /** Mebibytes of memory that it takes. */
  memoryMb(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
  }

  /** The sum of a metric over its labels. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }
}
