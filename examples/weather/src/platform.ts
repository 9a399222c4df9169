import { readConnection, type Connection } from '@baton/client';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { environment } from './config.js';

/** A platform to show: one that was running before, or one that was started for it. */
export interface DemoPlatform {
  readonly connection: Connection;
  /** Stops it if it was started here. */
  stop(): Promise<void>;
}

/** Uses the platform of the folder when it answers, else starts one there. */
export async function demoPlatform(home: string, say: (line: string) => void): Promise<DemoPlatform> {
  const running = await runningPlatform(home);
  if (running) {
    say(`using the platform that runs in ${home}`);
    return { connection: running, stop: () => Promise.resolve() };
  }
  const child = startLocal(home);
  const stop = () => stopLocal(child);
  try {
    await readiness(child, say);
    return { connection: readConnection(home), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function runningPlatform(home: string): Promise<Connection | undefined> {
  try {
    const connection = readConnection(home);
    const urls = [connection.registry, connection.deployment, connection.inference, connection.monitoring];
    const answers = await Promise.all(
      urls.map((url) => fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(2000) })),
    );
    return answers.every((answer) => answer.ok) ? connection : undefined;
  } catch {
    return undefined;
  }
}

/** `npm start`, in a process group of its own: Ctrl-C reaches the demo, which then stops it. */
function startLocal(home: string): ChildProcess {
  const main = fileURLToPath(new URL('../../../apps/local/dist/main.js', import.meta.url));
  return spawn(process.execPath, [main], {
    env: { ...environment(), BATON_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
}

async function readiness(child: ChildProcess, say: (line: string) => void): Promise<void> {
  if (!child.stdout) throw new Error('the platform has no output to read');
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((ready, failed) => {
    lines.on('line', (line) => {
      if (line.startsWith('Baton is ready')) ready();
      else if (line.startsWith('  ')) say(line);
    });
    child.once('exit', (code) => failed(new Error(`the platform did not start (exit ${String(code)})`)));
  });
}

async function stopLocal(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
