import { variableName } from '@baton/service';
import { waitFor } from '@baton/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { RunningMonitoring } from './running-monitoring.js';

const dist = new URL('../../../apps/monitoring/dist/', import.meta.url);
const LISTENING = /"url":"(http:[^"]+)"/;

/** The built service as a process of its own, which can be killed. */
export class MonitoringProcess {
  url = '';
  private said = '';

  private constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (this.said += String(text)));
  }

  /** Starts it with the configuration and the surroundings of a service that does not run itself. */
  static async start(around: RunningMonitoring, env: Record<string, string> = {}): Promise<MonitoringProcess> {
    const config = { ...around.config, port: 0, logLevel: 'info' };
    const variables = Object.entries(config).map(([field, value]) => [variableName(field), String(value)] as const);
    const started = new MonitoringProcess(run('main.js', { ...Object.fromEntries(variables), ...env }));
    await started.ready();
    return started;
  }

  /** SIGKILL, and its end. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** Orderly; gives the exit code. */
  async stop(): Promise<number | null> {
    await this.end('SIGTERM');
    return this.child.exitCode;
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    await ended;
  }

  private async ready(): Promise<void> {
    const options = { what: () => `readiness: ${this.said}`, timeoutMs: 30_000 };
    this.url = await waitFor(() => LISTENING.exec(this.said)?.[1], options);
    await waitFor(async () => ((await fetch(`${this.url}/readyz`)).ok ? true : undefined), options);
  }
}

/** Runs a script of the built service. */
export function run(script: string, env: Record<string, string>): ChildProcess {
  const { PATH = '' } = process.env;
  return spawn(process.execPath, [fileURLToPath(new URL(script, dist))], { env: { PATH, ...env } });
}
