import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { answersApiVersions } from './kafka-answer.js';
import { findJava, type Java } from './java.js';
import { kafkaJars, type JarOptions } from './kafka-jars.js';
import { startServer, stopLeftover, whenAnswering } from './server-process.js';

export interface KafkaOptions extends JarOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly controllerPort: number;
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

const run = promisify(execFile);

/**
 * Starts Apache Kafka on the data of the folder, which is formatted at the first start. One that a killed run left
 * behind on it is stopped first.
 * @throws NoJavaError
 */
export async function startKafka(options: KafkaOptions): Promise<RunningKafka> {
  const java = findJava(options.javaHome);
  const runDir = options.runDir ?? dirname(options.dataDir);
  mkdirSync(runDir, { recursive: true });
  const pidFile = join(runDir, 'kafka.pid');
  await stopLeftover(pidFile, 'SIGTERM', 20_000);
  const jars = await kafkaJars(options);
  const properties = join(runDir, 'kafka.properties');
  writeFileSync(properties, propertiesOf(options));
  const classPath = jars.join(':');
  if (!isFormatted(options.dataDir)) await format(java, classPath, properties, options);
  const archive = classArchive(java, jars, options.jarsDir);
  const server = {
    name: 'Kafka',
    command: java.command,
    args: [...heap(options.heapMb ?? 512), ...archive.flags, ...LOGGING, '-cp', classPath, 'kafka.Kafka', properties],
    cwd: runDir,
    pidFile,
    logFile: join(runDir, 'kafka.log'),
    stopSignal: 'SIGTERM' as const,
    stopTimeoutMs: 20_000,
    env: { PATH: '/usr/bin:/bin' },
  };
  const started = startServer(server);
  await whenAnswering(started, server, () => answersApiVersions(options.port), 60_000);
  return {
    brokers: `127.0.0.1:${options.port}`,
    pid: started.pid,
    kill: (signal) => started.kill(signal),
    stop: async () => {
      await started.stop();
      archive.keep();
    },
  };
}

const LOGGING = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dorg.slf4j.simpleLogger.showDateTime=true'];

function heap(megabytes: number): string[] {
  return [`-Xmx${megabytes}m`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
}

function propertiesOf({ port, controllerPort, dataDir }: KafkaOptions): string {
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': dataDir,
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'log.segment.bytes': 67_108_864,
  };
  return `${Object.entries(settings)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join('\n')}\n`;
}

function isFormatted(dataDir: string): boolean {
  return existsSync(join(dataDir, 'meta.properties'));
}

/** By Kafka's own tool: a hand-written `meta.properties` lacks the feature versions. */
async function format(java: Java, classPath: string, properties: string, options: KafkaOptions): Promise<void> {
  options.onProgress?.('formatting its storage');
  const tool = [
    '-Xmx128m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    ...LOGGING,
    '-cp',
    classPath,
    'kafka.tools.StorageTool',
  ];
  const { stdout } = await run(java.command, [...tool, 'random-uuid'], { timeout: 60_000 });
  const id = stdout.trim().split('\n').at(-1) ?? '';
  await run(java.command, [...tool, 'format', '-t', id, '-c', properties], { timeout: 60_000 });
}

interface ClassArchive {
  readonly flags: string[];
  /** Makes the archive that this run has written the one of the next runs. */
  keep(): void;
}

/** Loading classes from an archive halves the start; the first orderly stop writes it. */
function classArchive(java: Java, jars: readonly string[], folder: string): ClassArchive {
  const key = createHash('sha256')
    .update([java.version, ...jars].join('\n'))
    .digest('hex')
    .slice(0, 12);
  const file = join(folder, `kafka-${key}.jsa`);
  if (existsSync(file)) {
    return { flags: [`-XX:SharedArchiveFile=${file}`, '-Xshare:auto'], keep: () => undefined };
  }
  for (const name of readdirSync(folder)) {
    const pid = /\.jsa\.part-(\d+)$/.exec(name)?.[1];
    if (pid && !existsSync(`/proc/${pid}`)) rmSync(join(folder, name), { force: true });
  }
  const part = `${file}.part-${process.pid}`;
  return {
    flags: [`-XX:ArchiveClassesAtExit=${part}`],
    keep: () => {
      if (existsSync(part)) renameSync(part, file);
    },
  };
}
