import { randomWord } from './random-words.js';
import { isSampledBy, parentWord, traceIdOf, traceWord } from './trace-parent.js';

/** The place of a request in its trace. Nothing is made before it is asked for. */
export interface RequestTrace {
  /** Whether its spans are kept for sure; those of a failed request always are. */
  readonly isSampled: boolean;
  /** 32 hex digits. */
  readonly traceId: string;
  /** W3C header naming the request's own span, for what it causes. */
  readonly traceparent: string;
  /** The caller's, as it came. */
  readonly tracestate?: string | undefined;
}

/** Of a process that exports nothing: what the caller sent is handed on as it is. */
export class CarriedTrace implements RequestTrace {
  constructor(
    readonly traceparent: string,
    readonly tracestate: string | undefined,
  ) {}

  get isSampled(): boolean {
    return isSampledBy(this.traceparent);
  }

  get traceId(): string {
    return traceIdOf(this.traceparent);
  }
}

const scratch = Buffer.alloc(24);
const words = new DataView(scratch.buffer, scratch.byteOffset, 24);

/** Of a request whose spans may be exported. Ids are kept as signed 32 bit words, which cost no allocation. */
export class RecordableTrace implements RequestTrace {
  trace0 = 0;
  trace1 = 0;
  trace2 = 0;
  trace3 = 0;
  /** Of the server span; its children have the same first word and the next numbers as second. */
  span0 = 0;
  span1 = 0;
  private hasIds = false;

  /** @param seed exclusive or of the words of a trace id that begins here: what the SDK's sampler decides by */
  constructor(
    readonly isSampled: boolean,
    private readonly seed: number,
    readonly parent: string | undefined,
    readonly tracestate: string | undefined,
  ) {}

  get traceId(): string {
    return this.parent === undefined ? this.hex(16) : traceIdOf(this.parent);
  }

  get traceparent(): string {
    const ids = this.hex(24);
    return `00-${ids.slice(0, 32)}-${ids.slice(32)}-${this.isSampled ? '01' : '00'}`;
  }

  makeIds(): void {
    if (this.hasIds) return;
    this.hasIds = true;
    this.span0 = randomWord();
    this.span1 = randomWord();
    if (this.parent === undefined) this.beginTrace();
    else this.joinTrace(this.parent);
  }

  /** First and second word of the caller's span id. */
  parentWord(index: number): number {
    return this.parent === undefined ? 0 : parentWord(this.parent, index);
  }

  private beginTrace(): void {
    this.trace0 = randomWord();
    this.trace1 = randomWord();
    this.trace2 = randomWord();
    this.trace3 = this.seed ^ this.trace0 ^ this.trace1 ^ this.trace2;
  }

  private joinTrace(parent: string): void {
    this.trace0 = traceWord(parent, 0);
    this.trace1 = traceWord(parent, 1);
    this.trace2 = traceWord(parent, 2);
    this.trace3 = traceWord(parent, 3);
  }

  private hex(bytes: number): string {
    this.makeIds();
    words.setInt32(0, this.trace0);
    words.setInt32(4, this.trace1);
    words.setInt32(8, this.trace2);
    words.setInt32(12, this.trace3);
    words.setInt32(16, this.span0);
    words.setInt32(20, this.span1);
    return scratch.toString('hex', 0, bytes);
  }
}
