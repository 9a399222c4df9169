import { startKafka, startPostgres, type RunningKafka, type RunningPostgres } from '@baton/backing';
import { join } from 'node:path';
import type { LocalConfig } from './config.js';
import type { Ports } from './ports.js';
import type { Progress } from './progress.js';

/** Postgres and Kafka: the addresses to use, and those that were started here. */
export interface Backing {
  /** By a role that may create roles and schemas. */
  readonly adminUrl: string;
  readonly brokers: string;
  readonly postgres?: RunningPostgres;
  readonly kafka?: RunningKafka;
}

/** Starts what the configuration does not name. What was started is put into `stops`, even if the other one fails. */
export async function startBacking(
  config: LocalConfig,
  ports: Ports,
  progress: Progress,
  stops: (() => Promise<void>)[],
): Promise<Backing> {
  const both = [
    config.databaseUrl ? Promise.resolve(undefined) : ownPostgres(config, ports, progress, stops),
    config.kafkaBrokers ? Promise.resolve(undefined) : ownKafka(config, ports, progress, stops),
  ] as const;
  await Promise.allSettled(both);
  const [postgres, kafka] = await Promise.all(both);
  return {
    adminUrl: postgres?.url ?? String(config.databaseUrl),
    brokers: kafka?.brokers ?? String(config.kafkaBrokers),
    ...(postgres ? { postgres } : {}),
    ...(kafka ? { kafka } : {}),
  };
}

function ownPostgres(config: LocalConfig, ports: Ports, progress: Progress, stops: (() => Promise<void>)[]) {
  return progress.step(`Postgres on port ${ports.postgres}`, async (note) => {
    const dataDir = join(config.batonHome, 'postgres');
    const postgres = await startPostgres({ dataDir, port: ports.postgres, durable: true, onProgress: note });
    stops.push(() => postgres.stop());
    return postgres;
  });
}

function ownKafka(config: LocalConfig, ports: Ports, progress: Progress, stops: (() => Promise<void>)[]) {
  return progress.step(`Kafka on port ${ports.kafka}`, async (note) => {
    const kafka = await startKafka({
      dataDir: join(config.batonHome, 'kafka'),
      jarsDir: join(config.batonCache, 'kafka'),
      port: ports.kafka,
      controllerPort: ports.kafkaController,
      javaHome: config.javaHome,
      repository: config.mavenRepository,
      onProgress: note,
    });
    stops.push(() => kafka.stop());
    return kafka;
  });
}
