import { createLogger } from '@baton/telemetry';
import { Partitioners, type IHeaders, type Kafka, type Message, type Producer } from 'kafkajs';
import { pause, pauseMs, untilStopped } from './pauses.js';

const log = createLogger('kafka-producer');
const REBUILD_AFTER_FAILURES = 5;

/** A record and the topic it goes to. */
export interface OutgoingRecord {
  topic: string;
  key: Buffer | string | null;
  value: Buffer | string | null;
  headers: IHeaders;
}

export interface SendOptions {
  /** Gives up: the outcome is then unknown. */
  signal?: AbortSignal;
  /** Runs before each try and may throw to give up, e.g. when somebody else may send by now. */
  beforeTry?: () => Promise<void>;
}

/**
 * One serial sender: a batch is on its way at a time, and the same batch is tried until every replica in sync has it.
 * That, and not kafkajs's idempotent producer, is what keeps acknowledged records: after a request of unknown outcome
 * the idempotent one reuses sequence numbers, and a broker that wakes from a freeze drops new records as duplicates.
 * The price is records that come twice, which consumers sort out by event id.
 */
export class RecordSender {
  private producer: Producer | undefined;
  private tail: Promise<unknown> = Promise.resolve();
  private failing = false;

  constructor(private readonly kafka: Kafka) {}

  /** The last try failed: waiting for it is waiting for Kafka. */
  get isFailing(): boolean {
    return this.failing;
  }

  /** Resolves when all records are acknowledged. Records of one key keep their order, within and across calls. */
  send(records: readonly OutgoingRecord[], options: SendOptions = {}): Promise<void> {
    const sent = this.tail.then(() => this.sendUntilThrough(records, options));
    this.tail = sent.catch(() => undefined);
    return sent;
  }

  async close(): Promise<void> {
    const producer = this.producer;
    this.producer = undefined;
    await producer?.disconnect().catch(() => undefined);
  }

  private async sendUntilThrough(records: readonly OutgoingRecord[], options: SendOptions): Promise<void> {
    if (records.length === 0) return;
    const topicMessages = groupByTopic(records);
    for (let failures = 0; ; ) {
      options.signal?.throwIfAborted();
      await options.beforeTry?.();
      try {
        const producer = await untilStopped(this.connect(), options.signal);
        await untilStopped(producer.sendBatch({ acks: -1, topicMessages }), options.signal);
        if (failures > 0) log.info('sending again', { failures });
        this.failing = false;
        return;
      } catch (error) {
        options.signal?.throwIfAborted();
        failures += 1;
        this.failing = true;
        this.afterFailure(error, failures);
        await pause(pauseMs(failures, 200, 2000), options.signal);
      }
    }
  }

  private async connect(): Promise<Producer> {
    if (this.producer) return this.producer;
    const producer = this.kafka.producer({
      idempotent: false,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { initialRetryTime: 200, maxRetryTime: 2000, multiplier: 2, retries: 1 },
    });
    await producer.connect();
    this.producer = producer;
    return producer;
  }

  /**
   * The connection is kept at first: on it a late try can't overtake what follows. After several failures a new
   * producer forgets what may hold this one up, such as a topic that is gone.
   */
  private afterFailure(error: unknown, failures: number): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (failures === 1 || failures % 20 === 0) log.warn('Kafka took no records, trying again', { failures, reason });
    if (failures % REBUILD_AFTER_FAILURES === 0) void this.close();
  }
}

function groupByTopic(records: readonly OutgoingRecord[]): { topic: string; messages: Message[] }[] {
  const topics = new Map<string, Message[]>();
  for (const { topic, ...message } of records) {
    const messages = topics.get(topic);
    if (messages) messages.push(message);
    else topics.set(topic, [message]);
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}
