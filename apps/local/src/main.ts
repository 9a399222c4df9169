import { once } from 'node:events';
import { localConfig } from './config.js';
import { startPlatform, type Platform } from './platform.js';
import { Progress } from './progress.js';

const progress = new Progress();

function describe(platform: Platform, home: string): string {
  const { ports, brokers } = platform.surroundings;
  const rows = [
    ['registry', `http://127.0.0.1:${ports.registry}`],
    ['deployment', `http://127.0.0.1:${ports.deployment}`],
    ['inference', `http://127.0.0.1:${ports.inference}/v2 (gRPC 127.0.0.1:${ports.inferenceGrpc})`],
    ['monitoring', `http://127.0.0.1:${ports.monitoring}`],
    ['Kafka', brokers],
    ['traces', `http://127.0.0.1:${ports.traces}/traces/{traceId}`],
    ['keys', `${home}/client.json (admin), ${home}/keys/approver.key (a second person)`],
  ];
  return rows.map(([name, value]) => `  ${String(name).padEnd(12)}${String(value)}`).join('\n');
}

async function run(): Promise<void> {
  const config = localConfig();
  progress.say(`Baton starts in ${config.batonHome}`);
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const starting = startPlatform(config, progress);
  await Promise.race([starting, interrupted]);
  const platform = await starting;
  progress.say(`\nBaton is ready. Ctrl-C stops it.\n\n${describe(platform, config.batonHome)}\n`);
  const ended = Promise.race(
    platform.children.map(async (child) => {
      const [code] = (await once(child.process, 'exit')) as [number | null];
      return `${child.name} ended (exit ${String(code)}); see ${child.logFile}`;
    }),
  );
  const why = await Promise.race([interrupted.then(() => undefined), ended]);
  if (why) process.exitCode = 1;
  await progress.step(why ? `stopping, because ${why}` : 'stopping', () => platform.stop());
}

try {
  await run();
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
process.exit();
