import { newId, toHeaders, type BatonEvent } from '@baton/contracts';
import { Kafka, logLevel, Partitioners, type Message, type Producer } from 'kafkajs';
import { aliasChanged } from './ledger.js';

/** Somebody who writes to topics without our library, and what he likes. */
export class ForeignProducer {
  private constructor(
    private readonly producer: Producer,
    private readonly prefix: string,
  ) {}

  static async connect({ brokers, prefix }: { brokers: string[]; prefix: string }): Promise<ForeignProducer> {
    const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    return new ForeignProducer(producer, prefix);
  }

  async send(type: string, messages: Message[]): Promise<void> {
    await this.producer.send({ topic: `${this.prefix}${type}`, messages });
  }

  async disconnect(): Promise<void> {
    await this.producer.disconnect();
  }
}

/** A record of `alias.changed` as it should be, save for what is changed. */
export function aliasRecord(
  model: string,
  changes: {
    headers?: Record<string, string | undefined>;
    value?: string | null;
    partition?: number;
    id?: string;
  } = {},
  revision = 1,
): Message & { id: string } {
  const data = aliasChanged(model, revision);
  const event: BatonEvent = {
    id: changes.id ?? newId(),
    type: 'alias.changed',
    source: 'somebody/else',
    subject: model,
    time: data.changedAt,
    correlationid: 'abroad',
    data,
  };
  return {
    id: event.id,
    key: model,
    value: changes.value === undefined ? JSON.stringify(data) : changes.value,
    headers: { ...toHeaders(event), ...changes.headers },
    partition: changes.partition,
  };
}
