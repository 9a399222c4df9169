import type { ServiceName } from '@baton/contracts';

/** Times and limits of consuming. The defaults are for production; tests make them small. */
export interface ConsumeTuning {
  /** The broker gives a silent consumer's partitions away after this time. Not below the broker's minimum (6 s). */
  sessionTimeoutMs: number;
  heartbeatMs: number;
  /** A handler that takes longer has failed. */
  handlerTimeoutMs: number;
  /** Tries of an event before it becomes a dead letter. Failures that are retriable don't count. */
  maxTries: number;
  firstPauseMs: number;
  maxPauseMs: number;
  /** Events in one transaction. */
  maxBatch: number;
  /** Silence after which a partition that was read to its end counts as idle. */
  idleMs: number;
  /** Readiness turns false when a consumer is broken for longer. */
  unreadyAfterMs: number;
}

export const defaultTuning: ConsumeTuning = {
  sessionTimeoutMs: 10_000,
  heartbeatMs: 2000,
  handlerTimeoutMs: 300_000,
  maxTries: 5,
  firstPauseMs: 250,
  maxPauseMs: 3000,
  maxBatch: 200,
  idleMs: 2000,
  unreadyAfterMs: 10_000,
};

export interface MessagingSettings {
  service: ServiceName;
  brokers: string[];
  /** Put before every topic and group. */
  prefix: string;
  /** False for a service without Postgres: no outbox, no inbox, no handlers; EventProducer and Followers remain. */
  outbox?: boolean;
  /** Put behind every group: a second reader of everything, such as a rebuild beside the running one. */
  groupSuffix?: string;
  /** Switched off only by the test that shows what it is there for. */
  inbox?: boolean;
  tuning?: Partial<ConsumeTuning>;
  /** Where the process is to die, see `crashPoints`. For tests. */
  crashAt?: string;
}

/** The settings as the module's providers get them. */
export class MessagingOptions {
  readonly service: ServiceName;
  readonly brokers: string[];
  readonly prefix: string;
  readonly outbox: boolean;
  readonly inbox: boolean;
  readonly groupSuffix: string;
  readonly tuning: ConsumeTuning;

  constructor(settings: MessagingSettings) {
    this.service = settings.service;
    this.brokers = settings.brokers;
    this.prefix = settings.prefix;
    this.outbox = settings.outbox ?? true;
    this.inbox = settings.inbox ?? true;
    this.groupSuffix = settings.groupSuffix ?? '';
    this.tuning = { ...defaultTuning, ...settings.tuning };
  }

  /** CloudEvents `source` of what this service says. */
  get source(): string {
    return `baton/${this.service}`;
  }

  /** One group per service and topic, so that a slow handler holds up no other topic. */
  group(type: string): string {
    return `${this.prefix}${this.service}.${type}${this.groupSuffix}`;
  }
}
