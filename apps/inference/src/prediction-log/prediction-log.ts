import type { RecordMode } from '@baton/contracts';
import { EventProducer } from '@baton/messaging';
import { gauge } from '@baton/telemetry';
import {
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { InferenceConfig } from '../config.js';
import { DataDir } from '../data-dir.js';
import { PredictionEncoder } from './prediction-encoder.js';
import type { PredictionEntry } from './prediction-entry.js';
import { Shipping } from './shipping.js';
import { Spool } from './spool.js';

const SHIP_AT_STOP_MS = 1000;

/** Where every prediction is written before its answer leaves. */
@Injectable()
export class PredictionLog implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  private spool: Spool<PredictionEntry> | undefined;
  private shipping: Shipping | undefined;

  constructor(
    private readonly dataDir: DataDir,
    private readonly producer: EventProducer,
    private readonly config: InferenceConfig,
  ) {}

  async onModuleInit(): Promise<void> {
    const { spoolSegmentBytes: segmentBytes, spoolMaxBytes: maxBytes } = this.config;
    const { kafkaBrokers: brokers, kafkaPrefix: prefix, logLevel } = this.config;
    const encoder = new PredictionEncoder(this.dataDir.replica, this.dataDir.hashKey);
    const folder = this.dataDir.path('spool');
    const spool = await Spool.open<PredictionEntry>(folder, {
      segmentBytes,
      maxBytes,
      encode: (entry, group) => encoder.encode(entry, group),
      onStable: () => this.shipping?.more(),
    });
    this.spool = spool;
    this.shipping = new Shipping(spool, this.producer, { folder, brokers, prefix, logLevel });
    gauge('prediction_log_bytes', 'Bytes of the prediction log on disk', [], function () {
      this.set(spool.bytes);
    });
    gauge('prediction_log_waiting', 'Predictions that Kafka does not have yet', [], function () {
      this.set(spool.waiting);
    });
  }

  onApplicationBootstrap(): void {
    this.shipping?.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.shipping?.stop(SHIP_AT_STOP_MS);
  }

  /** After the last transport has closed: until then there may be predictions. */
  async onApplicationShutdown(): Promise<void> {
    await this.spool?.close();
  }

  /**
   * Calls back when the record is as safe as the mode wants it; what a disk does not take is counted and told, and no
   * reason to wait. The entry is written down at once: its tensors may be used for something else afterwards.
   */
  append(entry: PredictionEntry, mode: RecordMode, done: () => void): void {
    if (!this.spool) throw new Error('the prediction log is not open');
    this.spool.append(entry, mode, done);
  }
}
