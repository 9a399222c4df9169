import { EventProducer } from '@baton/messaging';
import { createLogger, traceHeaders } from '@baton/telemetry';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { existsSync, readFileSync } from 'node:fs';
import { InferenceConfig } from '../config.js';
import { DataDir } from '../data-dir.js';
import { writeDurably } from '../durable-files.js';
import { Endpoints } from '../plans/endpoints.js';
import { within } from '../within.js';

const log = createLogger('replica');
/** Revisions are taken from the disk this many at a time, so that most reports cost no write. */
const REVISIONS_AHEAD = 1000;
const LEAVE_WITHIN_MS = 2000;

/** Tells what this replica serves: on every change, and as a sign of life. A report that waits gives way to a newer one. */
@Injectable()
export class ReplicaReporter implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private revision: number;
  private reserved: number;
  private sending: Promise<void> | undefined;
  private isDue = false;

  constructor(
    private readonly endpoints: Endpoints,
    private readonly producer: EventProducer,
    private readonly dataDir: DataDir,
    private readonly config: InferenceConfig,
  ) {
    const file = this.file();
    this.revision = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    this.reserved = this.revision;
  }

  onApplicationBootstrap(): void {
    this.endpoints.onChange(() => this.report());
    this.timer = setInterval(() => this.report(), this.config.heartbeatMs);
    this.report();
  }

  /** Says goodbye, if Kafka is there to hear it. */
  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort();
    const goodbye = async () => {
      await this.sending;
      await this.send(true, AbortSignal.timeout(LEAVE_WITHIN_MS));
    };
    await within(LEAVE_WITHIN_MS, goodbye());
  }

  private report(): void {
    if (this.stopping.signal.aborted) return;
    this.isDue = true;
    this.sending ??= this.sendAll().finally(() => {
      this.sending = undefined;
    });
  }

  private async sendAll(): Promise<void> {
    while (this.isDue && !this.stopping.signal.aborted) {
      this.isDue = false;
      try {
        await this.send(false, this.stopping.signal);
      } catch (error) {
        if (!this.stopping.signal.aborted) log.warn('a report was not sent', { error });
      }
    }
  }

  private async send(leaving: boolean, signal: AbortSignal): Promise<void> {
    const { traceparent } = traceHeaders();
    const data = {
      replica: this.dataDir.replica,
      revision: this.nextRevision(),
      routes: this.endpoints.reports(),
      leaving,
      reportedAt: new Date().toISOString(),
    };
    const source = `baton/inference/${this.dataDir.replica}`;
    await this.producer.send(
      [{ type: 'replica.reported', source, data, ...(traceparent ? { traceparent } : {}) }],
      signal,
    );
  }

  private nextRevision(): number {
    this.revision += 1;
    if (this.revision > this.reserved) {
      this.reserved = this.revision + REVISIONS_AHEAD;
      writeDurably(this.file(), String(this.reserved));
    }
    return this.revision;
  }

  private file(): string {
    return this.dataDir.path('report-revision');
  }
}
