import { newId, type PredictionLogged, type RecordMode, type TensorRecord } from '@baton/contracts';
import { EventProducer } from '@baton/messaging';
import { createLogger, gauge, traceHeaders } from '@baton/telemetry';
import {
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { InferenceConfig } from '../config.js';
import { DataDir } from '../data-dir.js';
import { Shipper, type SpooledPrediction } from './shipper.js';
import { Spool } from './spool.js';

const log = createLogger('prediction-log');
const SHIP_AT_STOP_MS = 1000;
/** Bytes; a larger record is kept without the values of its tensors, since Kafka would not take it. */
const MAX_BODY = 7_000_000;

/** Where every prediction is written before its answer leaves. */
@Injectable()
export class PredictionLog implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  private spool: Spool | undefined;
  private shipper: Shipper | undefined;

  constructor(
    private readonly dataDir: DataDir,
    private readonly producer: EventProducer,
    private readonly config: InferenceConfig,
  ) {}

  async onModuleInit(): Promise<void> {
    const { spoolSegmentBytes: segmentBytes, spoolMaxBytes: maxBytes } = this.config;
    const spool = await Spool.open(this.dataDir.path('spool'), { segmentBytes, maxBytes });
    this.spool = spool;
    this.shipper = new Shipper(spool, this.producer);
    gauge('prediction_log_bytes', 'Bytes of the prediction log on disk', [], function () {
      this.set(spool.bytes);
    });
    gauge('prediction_log_waiting', 'Predictions that Kafka does not have yet', [], function () {
      this.set(spool.waiting);
    });
  }

  onApplicationBootstrap(): void {
    this.shipper?.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.shipper?.stop(SHIP_AT_STOP_MS);
  }

  /** After the last transport has closed: until then there may be predictions. */
  async onApplicationShutdown(): Promise<void> {
    await this.spool?.close();
  }

  /** Resolves when the record is as safe as the mode wants it; a disk that takes nothing is told, and no reason to wait. */
  async append(prediction: Omit<PredictionLogged, 'replica' | 'sequence'>, mode: RecordMode): Promise<void> {
    if (!this.spool) throw new Error('the prediction log is not open');
    const { replica } = this.dataDir;
    const { traceparent, tracestate } = traceHeaders();
    const trace = { ...(traceparent ? { traceparent } : {}), ...(tracestate ? { tracestate } : {}) };
    const event = { id: newId(), time: new Date().toISOString(), ...trace };
    await this.spool.append((sequence) => toBody({ ...event, data: { ...prediction, replica, sequence } }), mode);
  }
}

function toBody(record: SpooledPrediction): Buffer {
  const body = Buffer.from(JSON.stringify(record));
  if (body.length <= MAX_BODY) return body;
  const { prediction, endpoint } = record.data;
  log.warn('a prediction is too large to be logged with its values', { prediction, endpoint, bytes: body.length });
  const data = {
    ...record.data,
    inputs: record.data.inputs.map(withoutValues),
    outputs: record.data.outputs.map(withoutValues),
  };
  return Buffer.from(JSON.stringify({ ...record, data }));
}

function withoutValues({ name, datatype, shape }: TensorRecord): TensorRecord {
  return { name, datatype, shape };
}
