import {
  freePorts,
  isAlive,
  NoJavaError,
  PortInUseError,
  recordOf,
  startKafka,
  type KafkaOptions,
  type RunningKafka,
} from '@baton/backing';
import { ensureTopics } from '@baton/messaging';
import { collectEvents, jarsFolder, publishKey, type TestKafka } from '@baton/testing';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServersProcess } from './servers-process.js';

let home: string;
let options: KafkaOptions;
const running: RunningKafka[] = [];

beforeEach(async () => {
  // A name that Java must read as it is meant.
  home = mkdtempSync(join(tmpdir(), 'baton bäcking-'));
  const [port = 0, controllerPort = 0] = await freePorts(2);
  const javaHome = process.env['JAVA_HOME'];
  options = { dataDir: join(home, 'kafka'), jarsDir: jarsFolder(), port, controllerPort, javaHome, heapMb: 300 };
});
afterEach(async () => {
  for (const kafka of running.splice(0)) {
    kafka.kill('SIGCONT');
    await kafka.stop();
  }
  rmSync(home, { recursive: true });
});

async function start(more: Partial<KafkaOptions> = {}): Promise<RunningKafka> {
  const kafka = await startKafka({ ...options, ...more });
  running.push(kafka);
  return kafka;
}

const addressed = (): TestKafka => ({ brokers: [`127.0.0.1:${options.port}`], prefix: '' });

/** Writes an event, and gives its key. */
async function write(): Promise<string> {
  await ensureTopics(addressed().brokers, '');
  const { record } = await publishKey(addressed(), { role: 'viewer' });
  return record.id;
}

async function expectEvent(id: string): Promise<void> {
  const events = collectEvents(addressed(), ['access.key']);
  try {
    await events.waitFor('access.key', (event) => event.subject === id, 30_000);
  } finally {
    await events.stop();
  }
}

describe('Kafka on this machine', () => {
  it('keeps its events from one start to the next, and ends when it is stopped', async () => {
    const kafka = await start();
    expect(kafka.brokers).toBe(`127.0.0.1:${options.port}`);
    const id = await write();
    const record = recordOf(kafka.pid);
    await kafka.stop();
    expect(isAlive(record)).toBe(false);
    expect(readdirSync(home).sort()).toEqual(['kafka', 'kafka.log', 'kafka.properties']);
    await start();
    await expectEvent(id);
  });

  it('takes over the data of one that was killed, or left behind by a process that was', async () => {
    const { port: KAFKA_PORT, controllerPort: CONTROLLER_PORT } = options;
    const earlier = await ServersProcess.start(home, { KAFKA_PORT, CONTROLLER_PORT });
    const left = recordOf(earlier.kafka);
    const id = await write();
    await earlier.kill();
    expect(isAlive(left)).toBe(true);
    const kafka = await start();
    expect(isAlive(left)).toBe(false);
    kafka.kill('SIGKILL');
    await kafka.stop();
    await start();
    await expectEvent(id);
  });

  it('starts on storage whose formatting was cut short', async () => {
    mkdirSync(options.dataDir);
    writeFileSync(join(options.dataDir, 'bootstrap.checkpoint'), 'half');
    const part = `${options.dataDir}.part-${2 ** 22 - 1}-abcdef`;
    mkdirSync(part);
    await start();
    await expectEvent(await write());
    expect(existsSync(part)).toBe(false);
  });
});

describe('Kafka that cannot start', () => {
  it('tells the ways out when there is no Java', async () => {
    await expect(start({ javaHome: join(home, 'nowhere') })).rejects.toThrow(NoJavaError);
  });

  it.each(['port', 'controllerPort'] as const)('tells that its %s is taken', async (which) => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(options[which], '127.0.0.1', done));
    await expect(start()).rejects.toThrow(PortInUseError);
    await new Promise((done) => server.close(done));
  });

  it('tells the end of its log', async () => {
    await (await start()).stop();
    writeFileSync(join(options.dataDir, 'meta.properties'), 'version=1\nnode.id=7\ncluster.id=x\n');
    await expect(start()).rejects.toThrow(/Kafka ended while starting.*node id 7/s);
  });
});
