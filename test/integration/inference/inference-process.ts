import { variableName } from '@baton/service';
import { waitFor } from '@baton/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort, type RunningInference } from './running-inference.js';

const main = fileURLToPath(new URL('../../../apps/inference/dist/main.js', import.meta.url));

/** The built service as a process of its own, which can be killed. */
export class InferenceProcess {
  readonly url: string;
  private readonly said: string[] = [];

  private constructor(
    private readonly child: ChildProcess,
    port: number,
  ) {
    this.url = `http://127.0.0.1:${port}`;
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => this.said.push(String(text)));
  }

  /** Starts it with the configuration and the surroundings of a replica that does not run itself. */
  static async start(around: RunningInference, env: Record<string, string> = {}): Promise<InferenceProcess> {
    const port = await freePort();
    const config = Object.entries({ ...around.config, port }).filter(([, value]) => value !== undefined);
    const variables = Object.fromEntries(config.map(([field, value]) => [variableName(field), String(value)]));
    const child = spawn(process.execPath, [main], { env: { PATH: process.env['PATH'], ...variables, ...env } });
    const started = new InferenceProcess(child, port);
    await started.ready();
    return started;
  }

  /** SIGKILL, and its end. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    await ended;
  }

  private async ready(): Promise<void> {
    const probe = async () => {
      if (this.child.exitCode !== null) throw new Error(`it ended:\n${this.said.join('')}`);
      return (await fetch(`${this.url}/readyz`)).ok ? true : undefined;
    };
    await waitFor(probe, { what: () => `readiness of the process:\n${this.said.join('')}`, timeoutMs: 30_000 });
  }
}
