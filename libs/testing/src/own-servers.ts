import {
  freePorts,
  startKafka,
  startPostgres,
  type KafkaOptions,
  type RunningKafka,
  type RunningPostgres,
} from '@baton/backing';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Starts a Kafka in the folder, each time with the same port and data. */
export async function kafkaIn(
  folder: string,
  options: Required<Pick<KafkaOptions, 'heapMb' | 'brokerSessionMs'>>,
): Promise<() => Promise<RunningKafka>> {
  const [port = 0, controllerPort = 0] = await freePorts(2);
  const { JAVA_HOME, MAVEN_REPOSITORY } = process.env;
  return () =>
    startKafka({
      dataDir: join(folder, 'kafka'),
      port,
      controllerPort,
      ...options,
      jarsDir: jarsFolder(),
      javaHome: JAVA_HOME,
      repository: MAVEN_REPOSITORY,
    });
}

/** Starts a Postgres in the folder, each time with the same port and data. */
export async function postgresIn(folder: string, durable: boolean): Promise<() => Promise<RunningPostgres>> {
  const [port = 0] = await freePorts(1);
  return () => startPostgres({ dataDir: join(folder, 'postgres'), port, durable });
}

/** Where Kafka's jars are kept between runs. */
export function jarsFolder(): string {
  return join(process.env['BATON_CACHE'] ?? join(homedir(), '.cache', 'baton'), 'kafka');
}
