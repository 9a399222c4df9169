import { ProtoWriter } from './proto-writer.js';

/** Small enough to stay in the processor's cache and to be written without a stall, large enough for few requests. */
const CHUNK_BYTES = 512 * 1024;
/** 16 MiB of spans, about half a second of a process at its limit. */
const MAX_CHUNKS = 32;
/** More than the spans of one request ever take: 6 KiB of template, 3 KiB each of trace state, failure, attributes. */
const MAX_REQUEST = 16 * 1024;
/** Kept for reuse when it is quiet. */
const MAX_SPARE = 4;

/** Spans one after the other, as ScopeSpans holds them. */
export class SpanChunk extends ProtoWriter {
  spans = 0;

  constructor() {
    super(CHUNK_BYTES);
  }
}

/** Encoded spans that wait for being sent: bounded, and without allocation while they are sent as fast as they come. */
export class SpanBuffer {
  private current: SpanChunk | undefined;
  private readonly full: SpanChunk[] = [];
  private readonly spare: SpanChunk[] = [];
  private chunks = 0;

  /** @param onFirst spans wait from now on @param onFull a chunk is worth sending */
  constructor(
    private readonly onFirst: () => void,
    private readonly onFull: () => void,
  ) {}

  /** A chunk with room for the spans of a request, or undefined when all of them are full. */
  room(): SpanChunk | undefined {
    const { current } = this;
    if (current !== undefined && current.at <= CHUNK_BYTES - MAX_REQUEST) return current;
    return this.next();
  }

  get hasFull(): boolean {
    return this.full.length > 0;
  }

  get isEmpty(): boolean {
    return this.full.length === 0 && this.current === undefined;
  }

  /** The oldest chunk, be it full or not. */
  take(): SpanChunk | undefined {
    const oldest = this.full.shift();
    if (oldest) return oldest;
    const { current } = this;
    this.current = undefined;
    return current;
  }

  /** Back to the front: it is to be sent later. */
  putBack(chunk: SpanChunk): void {
    this.full.unshift(chunk);
  }

  /** @param isReusable false while somebody may still read from it */
  release(chunk: SpanChunk, isReusable: boolean): void {
    this.chunks -= 1;
    if (!isReusable || this.spare.length >= MAX_SPARE) return;
    chunk.at = 0;
    chunk.spans = 0;
    this.spare.push(chunk);
  }

  private next(): SpanChunk | undefined {
    if (this.current) {
      this.full.push(this.current);
      this.current = undefined;
      this.onFull();
    }
    if (this.chunks >= MAX_CHUNKS) return undefined;
    this.chunks += 1;
    this.current = this.spare.pop() ?? new SpanChunk();
    this.onFirst();
    return this.current;
  }
}
