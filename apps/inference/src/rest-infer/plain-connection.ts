import type { Socket } from 'node:net';
import type { HttpWire, Received } from './http-wire.js';
import { giveBack } from './give-back.js';
import type { InferHead } from './infer-head.js';
import { plainAnswer } from './plain-answer.js';
import { MAX_HEAD_BYTES, type PlainHead } from './plain-head.js';

const END_OF_HEAD = '\r\n\r\n';
/** Of requests that come before the last one is answered: so much is read ahead. */
const MAX_AHEAD_BYTES = 65_536;
/** Of answers that nobody takes off: the next request waits until they are. */
const MAX_UNSENT_BYTES = 1024 * 1024;

export interface PlainConnectionParts {
  /** Undefined for what is not of the plain form. */
  readonly readHead: (text: string) => PlainHead | undefined;
  readonly begin: (wire: HttpWire, head: PlainHead) => void;
  /** Takes over the connection, with what has been read of it and not been answered. */
  readonly handOver: (connection: PlainConnection, unread: Buffer) => void;
  readonly isStopping: () => boolean;
  readonly onClose: (connection: PlainConnection) => void;
}

/**
 * A connection whose plain inference requests are read and answered here: of what Node's HTTP server does for a request
 * that is a third. The first request that is not of the plain form, or whose head does not come in one piece, goes with
 * the connection to that server, and so does everything after it: what is unusual has one reader, and it is Node's.
 */
export class PlainConnection implements HttpWire {
  /** When something last moved, and when the current request came, by the process's own clock. */
  movedAt = performance.now();
  requestAt = 0;
  private unread: Buffer | undefined;
  private current: PlainHead | undefined;
  /** Of the body of the current request: what has come, and who wants it. */
  private body: Buffer | undefined;
  private bodyBytes = 0;
  private received: Received | undefined;
  /** The head of the last request, which is mostly that of the next one too. */
  private lastBytes: Buffer | undefined;
  private lastHead: PlainHead | undefined;
  private isWorking = false;
  /** Whether reading waits until what was read ahead is done. */
  private isHeld = false;
  private isAtEnd = false;
  /** Whether the last answer is given: what still comes is nobody's. */
  private isOver = false;

  constructor(
    readonly socket: Socket,
    private readonly parts: PlainConnectionParts,
  ) {
    socket.setNoDelay(true);
    socket.on('data', this.onData);
    socket.on('drain', this.onDrain);
    socket.on('end', this.onEnd);
    socket.on('error', this.onError);
    socket.on('close', this.onClose);
  }

  get connection(): object {
    return this;
  }

  get head(): InferHead {
    if (!this.current) throw new Error('there is no request');
    return this.current.head;
  }

  get isIdle(): boolean {
    return !this.current && !this.unread;
  }

  /** Whether a body has begun to come and is not there yet. */
  get isReceiving(): boolean {
    return this.missing > 0;
  }

  /** Bytes of the current body that are still to come. */
  private get missing(): number {
    return this.current ? this.current.bodyLength - this.bodyBytes : 0;
  }

  collect(_limit: number, received: Received): void {
    this.received = received;
    this.bodyArrived();
  }

  answer(status: number, headers: readonly string[], body: string | Buffer): void {
    const { socket } = this;
    const isLast = this.parts.isStopping() || (this.isAtEnd && !this.unread);
    this.movedAt = performance.now();
    this.received = undefined;
    this.body = undefined;
    // What is still to come of an unwanted body is skipped, so that the connection can go on.
    if (!this.isReceiving) this.finish();
    if (socket.destroyed) return;
    plainAnswer(socket, { status, headers, body, isLast });
    if (isLast) this.end();
    else this.work();
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Gives up the socket: nothing of it comes here any more. */
  leave(): Socket {
    const { socket } = this;
    this.isHeld = false;
    socket.pause();
    socket.off('data', this.onData).off('drain', this.onDrain).off('end', this.onEnd);
    socket.off('error', this.onError).off('close', this.onClose);
    return socket;
  }

  private readonly onData = (chunk: Buffer): void => {
    if (this.isOver) return;
    this.movedAt = performance.now();
    const isOfBody = !this.unread && chunk.length <= this.missing;
    this.unread = this.unread ? Buffer.concat([this.unread, chunk]) : chunk;
    this.work();
    // All of it was copied.
    if (isOfBody && !this.unread) giveBack(chunk);
    if (!this.unread || this.unread.length < MAX_AHEAD_BYTES) return;
    this.isHeld = true;
    this.socket.pause();
  };

  private readonly onDrain = (): void => this.work();
  private readonly onError = (): void => this.destroy();
  private readonly onClose = (): void => this.parts.onClose(this);

  /** Nothing more will come; who waits for an answer gets it. */
  private readonly onEnd = (): void => {
    this.isAtEnd = true;
    if (this.isIdle) this.end();
    else this.work();
  };

  private end(): void {
    this.isOver = true;
    this.socket.end();
  }

  /** A request may be answered while it is read, and what came behind it must not pile up on the stack. */
  private work(): void {
    if (this.isWorking || this.isOver) return;
    this.isWorking = true;
    while (this.unread && this.step(this.unread));
    this.isWorking = false;
    // The rest of this body will never come.
    if (this.isAtEnd && this.isReceiving) this.end();
    if (this.unread || !this.isHeld) return;
    this.isHeld = false;
    this.socket.resume();
  }

  /** @returns whether there may be more to do */
  private step(unread: Buffer): boolean {
    if (this.isReceiving) return this.take(unread);
    if (this.current || this.socket.writableLength > MAX_UNSENT_BYTES) return false;
    const head = this.readHead(unread);
    if (!head) {
      this.unread = undefined;
      // Node's server answers nobody who has closed his side, and would not hear of it any more.
      if (this.isAtEnd) this.end();
      else this.parts.handOver(this, unread);
      return false;
    }
    this.current = head;
    this.requestAt = this.movedAt;
    this.bodyBytes = 0;
    this.rest(unread, head.length);
    if (this.unread && this.unread.length >= head.bodyLength) {
      this.body = this.unread.subarray(0, head.bodyLength);
      this.bodyBytes = head.bodyLength;
      this.rest(this.unread, head.bodyLength);
    }
    this.parts.begin(this, head);
    return true;
  }

  /** What belongs to the body of the current request, wanted or not. */
  private take(unread: Buffer): boolean {
    const { bodyLength = 0 } = this.current ?? {};
    const bytes = Math.min(unread.length, bodyLength - this.bodyBytes);
    if (this.received) {
      this.body ??= Buffer.allocUnsafe(bodyLength);
      unread.copy(this.body, this.bodyBytes, 0, bytes);
    }
    this.bodyBytes += bytes;
    this.rest(unread, bytes);
    if (this.isReceiving) return false;
    if (this.received) this.bodyArrived();
    else this.finish();
    return true;
  }

  private bodyArrived(): void {
    const { received, body, current } = this;
    if (!received || !current || this.isReceiving) return;
    this.received = undefined;
    this.body = undefined;
    received(current.bodyLength === 0 ? undefined : body, false);
  }

  private rest(unread: Buffer, taken: number): void {
    this.unread = unread.length === taken ? undefined : unread.subarray(taken);
  }

  private finish(): void {
    this.current = undefined;
    this.bodyBytes = 0;
  }

  private readHead(unread: Buffer): PlainHead | undefined {
    const last = this.lastBytes;
    if (last && unread.length >= last.length && last.compare(unread, 0, last.length) === 0) return this.lastHead;
    const end = unread.subarray(0, MAX_HEAD_BYTES).indexOf(END_OF_HEAD, 0, 'latin1');
    if (end < 0) return undefined;
    const length = end + END_OF_HEAD.length;
    const head = this.parts.readHead(unread.toString('latin1', 0, length));
    this.lastBytes = head && Buffer.from(unread.subarray(0, length));
    this.lastHead = head;
    return head;
  }
}
