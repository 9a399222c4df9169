import { metricFamily } from './metric-family.js';
import { SpanBuffer, type SpanChunk } from './span-buffer.js';
import type { SpanAttributes } from './span-attributes.js';
import { SpanEnvelope } from './span-envelope.js';
import { SpanPost } from './span-post.js';

const FLUSH_MS = 500;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;

export interface SpanExporterOptions {
  /** Where traces go, with its path. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: SpanAttributes;
  /** Told why spans do not get through. */
  readonly complain: (reason: string) => void;
}

/** Over the life of the process, as counters are. */
const totals = { sent: 0, noRoom: 0, refused: 0, left: 0 };

/** Sends buffered spans: every half second or by full chunks, one request at a time; none of it waits for the other. */
export class SpanExporter {
  readonly buffer: SpanBuffer = new SpanBuffer(
    () => this.flushSoon(),
    () => setImmediate(() => void this.sendFull()),
  );
  private readonly envelope: SpanEnvelope;
  private readonly post: SpanPost;
  private readonly complain: (reason: string) => void;
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<boolean> | undefined;
  private pauseMs = 0;
  private pausedUntil = 0;

  constructor({ url, headers, resource, complain }: SpanExporterOptions) {
    this.complain = complain;
    this.envelope = new SpanEnvelope(resource, 'baton');
    this.post = new SpanPost(url, headers);
    registerTotals();
  }

  /** Of spans that found no room in the buffer. */
  drop(spans: number): void {
    totals.noRoom += spans;
  }

  /** Sends what is there, each once; what then does not get through is lost. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    await this.sending;
    while (!this.buffer.isEmpty && (await this.sendOldest()));
    for (let chunk = this.buffer.take(); chunk; chunk = this.buffer.take()) totals.left += chunk.spans;
    this.post.close();
  }

  private flushSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.flush();
    }, FLUSH_MS).unref();
  }

  private async flush(): Promise<void> {
    if (performance.now() >= this.pausedUntil) await this.sendOldest();
    await this.sendFull();
    if (!this.buffer.isEmpty) this.flushSoon();
  }

  private async sendFull(): Promise<void> {
    if (this.sending) return;
    while (this.buffer.hasFull && performance.now() >= this.pausedUntil) if (!(await this.sendOldest())) return;
  }

  /** @returns whether the collector took it */
  private async sendOldest(): Promise<boolean> {
    if (this.sending) return this.sending;
    const chunk = this.buffer.take();
    if (!chunk) return false;
    this.sending = this.send(chunk);
    const isSent = await this.sending;
    this.sending = undefined;
    return isSent;
  }

  private async send(chunk: SpanChunk): Promise<boolean> {
    const spans = chunk.bytes.subarray(0, chunk.at);
    const { outcome, reason, isBodyFree } = await this.post.send(this.envelope.head(spans.length), spans);
    if (outcome === 'sent') {
      totals.sent += chunk.spans;
      this.pauseMs = 0;
      this.buffer.release(chunk, isBodyFree);
      return true;
    }
    this.complain(reason);
    this.pauseMs = Math.min(Math.max(FIRST_PAUSE_MS, this.pauseMs * 2), LONGEST_PAUSE_MS);
    this.pausedUntil = performance.now() + this.pauseMs;
    if (outcome === 'later') {
      this.buffer.putBack(chunk);
      this.flushSoon();
      return false;
    }
    totals.refused += chunk.spans;
    this.buffer.release(chunk, isBodyFree);
    return false;
  }
}

function registerTotals(): void {
  metricFamily({
    name: 'trace_spans_exported_total',
    help: "Spans of the service's own tracer that a collector took",
    type: 'counter',
    collect: () => [{ labels: {}, value: totals.sent }],
  });
  metricFamily({
    name: 'trace_spans_dropped_total',
    help: "Spans of the service's own tracer that were lost, by where",
    type: 'counter',
    collect: () => [
      { labels: { reason: 'buffer_full' }, value: totals.noRoom },
      { labels: { reason: 'refused' }, value: totals.refused },
      { labels: { reason: 'shutdown' }, value: totals.left },
    ],
  });
}
