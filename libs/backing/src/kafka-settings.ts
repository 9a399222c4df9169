export interface KafkaAddress {
  readonly dataDir: string;
  readonly port: number;
  readonly controllerPort: number;
  /**
   * The broker counts as gone when it was not heard of for so long: nobody is served until it is heard again, which a
   * busy machine may bring about. After a kill, it may register again only then.
   */
  readonly brokerSessionMs?: number;
}

const BROKER_SESSION_MS = 6000;

/** `server.properties` of a single node that is broker and controller. */
export function kafkaProperties({
  port,
  controllerPort,
  dataDir,
  brokerSessionMs = BROKER_SESSION_MS,
}: KafkaAddress): string {
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
    'group.min.session.timeout.ms': 1000,
    'broker.session.timeout.ms': brokerSessionMs,
    'broker.heartbeat.interval.ms': 500,
    'log.segment.bytes': 67_108_864,
    // Taken at once at the start; the default is 128 MiB. Enough to compact 600 000 keys in one pass.
    'log.cleaner.dedupe.buffer.size': 16_777_216,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${escaped(String(value))}`);
  return `${lines.join('\n')}\n`;
}

/** Java reads properties as Latin-1 (`java.util.Properties.load`). */
function escaped(value: string): string {
  const unicode = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return value.replaceAll('\\', '\\\\').replaceAll(/[^\x20-\x7e]/g, unicode);
}

/** Small and quick to start rather than fast in the long run. */
export function javaFlags(heapMb: number): string[] {
  return [
    `-Xmx${heapMb}m`,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-Dorg.slf4j.simpleLogger.showDateTime=true',
  ];
}

/** Java takes the encoding of file names from the locale. */
export const JAVA_ENV = { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' };
