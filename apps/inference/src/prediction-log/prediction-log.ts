import { newId, type PredictionLogged, type RecordMode } from '@baton/contracts';
import { EventProducer } from '@baton/messaging';
import { traceHeaders } from '@baton/telemetry';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { InferenceConfig } from '../config.js';
import { DataDir } from '../data-dir.js';
import { Shipper } from './shipper.js';
import { SpoolFiles } from './spool-files.js';
import { Spool } from './spool.js';

const SHIP_AT_STOP_MS = 3000;

/** Where every prediction is written before its answer leaves. */
@Injectable()
export class PredictionLog implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly spool: Spool;
  private readonly shipper: Shipper;

  constructor(
    private readonly dataDir: DataDir,
    producer: EventProducer,
    config: InferenceConfig,
  ) {
    this.spool = new Spool(new SpoolFiles(dataDir.path('spool')));
    this.shipper = new Shipper(this.spool, producer, { maxBytes: config.spoolMaxBytes });
  }

  onApplicationBootstrap(): void {
    this.shipper.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.spool.close();
    await this.shipper.stop(SHIP_AT_STOP_MS);
  }

  /** Resolves when the record is as safe as the mode wants it. @throws the file system's error */
  append(prediction: Omit<PredictionLogged, 'replica' | 'sequence'>, mode: RecordMode): Promise<void> {
    const { replica } = this.dataDir;
    const { traceparent } = traceHeaders();
    const time = new Date().toISOString();
    const id = newId();
    return this.spool.append(
      (sequence) => ({ id, time, traceparent, data: { ...prediction, replica, sequence } }),
      mode,
    );
  }
}
