import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { classArchive } from './class-archive.js';
import { assertPortFree } from './free-ports.js';
import { findJava } from './java.js';
import { answersMetadata } from './kafka-answer.js';
import { kafkaJars, type JarOptions } from './kafka-jars.js';
import { JAVA_ENV, javaFlags, kafkaProperties, type KafkaAddress } from './kafka-settings.js';
import { formatStorage, isFormatted } from './kafka-storage.js';
import { stopStale } from './process-file.js';
import { startServer, whenAnswering } from './server-process.js';

export interface KafkaOptions extends JarOptions, KafkaAddress {
  readonly javaHome?: string | undefined;
  /** Megabytes of heap. */
  readonly heapMb?: number;
  /** Where pid file and log are; default: beside the data. */
  readonly runDir?: string;
}

/** A Kafka of our own: one node, broker and controller. */
export interface RunningKafka {
  /** `host:port`. */
  readonly brokers: string;
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;

/**
 * Starts Apache Kafka on the data of the folder, which is formatted at the first start. One that a killed run left
 * behind on it is stopped first.
 * @throws NoJavaError
 * @throws PortInUseError
 * @throws InUseError when another process that runs has started one on the data
 */
export async function startKafka(options: KafkaOptions): Promise<RunningKafka> {
  const java = findJava(options.javaHome);
  const address = { ...options, dataDir: resolve(options.dataDir) };
  const runDir = options.runDir ?? dirname(address.dataDir);
  mkdirSync(runDir, { recursive: true });
  const pidFile = join(runDir, 'kafka.pid');
  await stopStale(pidFile, 'SIGTERM', STOP_TIMEOUT_MS);
  await assertPortFree('Kafka', options.port);
  await assertPortFree("Kafka's controller", options.controllerPort);
  const jars = await kafkaJars(options);
  const classPath = jars.join(':');
  if (!isFormatted(address.dataDir)) {
    options.onProgress?.('formatting its storage');
    await formatStorage(java.command, classPath, address);
  }
  const properties = join(runDir, 'kafka.properties');
  writeFileSync(properties, kafkaProperties(address));
  const archive = classArchive(java, jars, options.jarsDir);
  const flags = [...javaFlags(options.heapMb ?? 512), ...archive.flags];
  const server = {
    name: 'Kafka',
    command: java.command,
    args: [...flags, '-cp', classPath, 'kafka.Kafka', properties],
    cwd: runDir,
    pidFile,
    logFile: join(runDir, 'kafka.log'),
    stopSignal: 'SIGTERM' as const,
    stopTimeoutMs: STOP_TIMEOUT_MS,
    env: JAVA_ENV,
  };
  const started = startServer(server);
  await whenAnswering(started, server, () => answersMetadata(options.port), START_TIMEOUT_MS);
  return {
    brokers: `127.0.0.1:${options.port}`,
    pid: started.pid,
    kill: (signal) => started.kill(signal),
    stop: async () => archive.keep(await started.stop()),
  };
}
