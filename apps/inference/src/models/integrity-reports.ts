import { isId, newId, type IntegrityViolated } from '@baton/contracts';
import { EventProducer } from '@baton/messaging';
import { counter, createLogger, traceHeaders } from '@baton/telemetry';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { DataDir } from '../data-dir.js';
import { writeDurably } from '../durable-files.js';
import { within } from '../within.js';

const log = createLogger('integrity');
const violations = counter('integrity_violations_total', 'Things that were refused since they did not match', ['kind']);
/** Whoever may write to the topics could make us fill our disk with reports. */
const MAX_WAITING = 1000;
const STOP_WITHIN_MS = 500;

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
  private readonly queued = new Set<string>();
  private sending: Promise<void> = Promise.resolve();

  constructor(
    private readonly dataDir: DataDir,
    private readonly producer: EventProducer,
  ) {}

  /** What an earlier process could not send. */
  onApplicationBootstrap(): void {
    for (const id of this.waiting()) this.enqueue(id);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await within(STOP_WITHIN_MS, this.sending);
  }

  /** The same thing is told once in the life of the process, however often it is tried. */
  report(report: Report): void {
    const what = JSON.stringify([report.subject, report.reason, report.endpoint, report.expected, report.actual]);
    if (this.told.has(what)) return;
    if (this.told.size >= MAX_WAITING) this.told.clear();
    this.told.add(what);
    violations.inc({ kind: report.kind });
    log.error('refused', { ...report });
    const data = { ...report, detectedBy: this.dataDir.replica, detectedAt: new Date().toISOString() };
    const id = this.keep({ data, traceparent: traceHeaders().traceparent });
    if (id !== undefined) this.enqueue(id);
  }

  /** Undefined when there is no room for it: then the log is all that tells of it. */
  private keep(report: StoredReport): string | undefined {
    if (this.waiting().length >= MAX_WAITING) return undefined;
    const id = newId();
    try {
      writeDurably(this.dataDir.path('integrity', id), JSON.stringify(report));
      return id;
    } catch (error) {
      log.error('a report could not be kept, and is not sent', { error });
      return undefined;
    }
  }

  /** Ids of the reports on disk, oldest first. */
  private waiting(): string[] {
    return readdirSync(this.dataDir.path('integrity')).filter(isId).sort();
  }

  private enqueue(id: string): void {
    if (this.queued.has(id)) return;
    this.queued.add(id);
    this.sending = this.sending.then(() => this.send(id));
  }

  private async send(id: string): Promise<void> {
    if (this.stopping.signal.aborted) return;
    const file = this.dataDir.path('integrity', id);
    try {
      const { data, traceparent } = JSON.parse(readFileSync(file, 'utf8')) as StoredReport;
      const event = { type: 'integrity.violated' as const, id, data, ...(traceparent ? { traceparent } : {}) };
      await this.producer.send([event], this.stopping.signal);
      rmSync(file, { force: true });
    } catch (error) {
      if (!this.stopping.signal.aborted) log.error('a report could not be sent', { id, error });
    }
  }
}
