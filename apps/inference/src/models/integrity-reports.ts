import { newId, type IntegrityViolated } from '@baton/contracts';
import { EventProducer } from '@baton/messaging';
import { createLogger, traceHeaders } from '@baton/telemetry';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { DataDir, writeDurably } from '../data-dir.js';

const log = createLogger('integrity');

type Report = Omit<IntegrityViolated, 'detectedBy' | 'detectedAt'>;

interface StoredReport {
  readonly data: IntegrityViolated;
  readonly traceparent?: string | undefined;
}

/** Tells of what was refused. A report is on disk until Kafka has it. */
@Injectable()
export class IntegrityReports implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();
  private readonly told = new Set<string>();
  private sending: Promise<void> = Promise.resolve();

  constructor(
    private readonly dataDir: DataDir,
    private readonly producer: EventProducer,
  ) {}

  onApplicationBootstrap(): void {
    for (const name of readdirSync(this.dataDir.path('integrity'))) this.send(name);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.sending;
  }

  /** The same thing is told once in the life of the process, however often it is tried. */
  report(report: Report): void {
    const what = JSON.stringify([report.subject, report.reason, report.actual]);
    if (this.told.has(what)) return;
    this.told.add(what);
    log.error('refused', { ...report });
    const data = { ...report, detectedBy: this.dataDir.replica, detectedAt: new Date().toISOString() };
    const id = newId();
    writeDurably(this.dataDir.path('integrity', id), JSON.stringify({ data, traceparent: traceHeaders().traceparent }));
    this.send(id);
  }

  private send(id: string): void {
    const file = this.dataDir.path('integrity', id);
    this.sending = this.sending
      .then(async () => {
        const { data, traceparent } = JSON.parse(readFileSync(file, 'utf8')) as StoredReport;
        const event = { type: 'integrity.violated' as const, id, data, ...(traceparent ? { traceparent } : {}) };
        await this.producer.send([event], this.stopping.signal);
        rmSync(file, { force: true });
      })
      .catch((error: unknown) => {
        if (!this.stopping.signal.aborted) log.error('a report could not be sent', { id, error });
      });
  }
}
