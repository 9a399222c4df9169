import { newId, type EventType } from '@baton/contracts';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Follower, type FollowerHandler } from './follower.js';
import { createKafka } from './kafka-client.js';
import { MessagingOptions } from './messaging-options.js';
import { topicName } from './topics.js';

/** Followers of topics, for state that is built in memory from a compacted topic. */
@Injectable()
export class Followers implements OnModuleDestroy {
  private readonly followers: Follower<never>[] = [];

  constructor(private readonly options: MessagingOptions) {}

  /** Reads a topic from its start and follows it until stopped; waits for Kafka and the topic however long. */
  follow<T extends EventType>(type: T, onEvent: FollowerHandler<T>): Follower<T> {
    const { prefix, service, brokers } = this.options;
    const follower = new Follower<T>({
      kafka: createKafka(brokers, `${service}-follower`),
      type,
      topic: topicName(prefix, type),
      group: `${prefix}follower.${newId()}`,
      onEvent,
    });
    this.followers.push(follower as unknown as Follower<never>);
    return follower;
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.followers.map((follower) => follower.stop()));
  }
}
