import { connect, type Socket } from 'node:net';
import {
  DEFAULT_WINDOW,
  flags,
  frame,
  FRAME_HEAD,
  frameTypes,
  greeting,
  initialWindow,
  windowUpdate,
  type Frame,
} from './http2-frames.js';

/** After so many bytes the server may send as many again. */
const RENEW_AT = 2 ** 30;

interface Listener {
  /** @param data the frames' bytes of the answer; empty when there was none */
  answered(connection: GrpcConnection, stream: number, data: Buffer): void;
  lost(connection: GrpcConnection, why: string): void;
}

/** A connection of HTTP/2 without encryption that makes calls of one small message each. */
export class GrpcConnection {
  private readonly socket: Socket;
  private readonly answers = new Map<number, Buffer>();
  private readonly blocked: Buffer[] = [];
  private begun: Buffer = Buffer.alloc(0);
  private nextStream = 1;
  private window = DEFAULT_WINDOW;
  private streamWindow = DEFAULT_WINDOW;
  private received = 0;

  constructor(
    port: number,
    private readonly listener: Listener,
  ) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (chunk) => this.read(chunk));
    this.socket.on('error', (error) => this.listener.lost(this, error.message));
    this.socket.on('close', () => this.listener.lost(this, 'the server closed the connection'));
    this.socket.write(greeting());
  }

  /**
   * Begins a call.
   * @param frames a HEADERS and a DATA frame, whose stream is filled in
   * @param dataAt where the DATA frame begins
   */
  call(frames: Buffer, dataAt: number): number {
    const stream = this.nextStream;
    this.nextStream += 2;
    const bytes = Buffer.from(frames);
    bytes.writeUInt32BE(stream, 5);
    bytes.writeUInt32BE(stream, dataAt + 5);
    this.blocked.push(bytes.subarray(0, dataAt), bytes.subarray(dataAt));
    this.flush();
    return stream;
  }

  close(): void {
    this.socket.removeAllListeners('close').destroy();
  }

  /** Sends what the server's window lets through. */
  private flush(): void {
    const ready: Buffer[] = [];
    for (let next = this.blocked[0]; next; next = this.blocked[0]) {
      const size = next[3] === frameTypes.data ? next.length - FRAME_HEAD : 0;
      if (size > this.streamWindow) throw new Error(`a message of ${size} bytes is too large for this load`);
      if (size > this.window) break;
      this.window -= size;
      this.blocked.shift();
      ready.push(next);
    }
    if (ready.length > 0) this.socket.write(Buffer.concat(ready));
  }

  private read(chunk: Buffer): void {
    const bytes = this.begun.length > 0 ? Buffer.concat([this.begun, chunk]) : chunk;
    let at = 0;
    while (bytes.length - at >= FRAME_HEAD) {
      const end = at + FRAME_HEAD + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      const stream = bytes.readUInt32BE(at + 5);
      const payload = bytes.subarray(at + FRAME_HEAD, end);
      this.take({ type: bytes[at + 3] ?? 0, flags: bytes[at + 4] ?? 0, stream, payload });
      at = end;
    }
    this.begun = bytes.subarray(at);
  }

  private take(one: Frame): void {
    if (one.type === frameTypes.data) this.keep(one);
    const isLast = (one.type === frameTypes.data || one.type === frameTypes.headers) && one.flags & flags.endStream;
    if (isLast || one.type === frameTypes.reset) this.end(one.stream);
    else if (one.type === frameTypes.windowUpdate && one.stream === 0) this.widen(one.payload.readUInt32BE(0));
    else if (one.type === frameTypes.settings) this.agree(one);
    else if (one.type === frameTypes.ping && !(one.flags & flags.ack)) {
      this.socket.write(frame(frameTypes.ping, flags.ack, 0, one.payload));
    } else if (one.type === frameTypes.goAway) this.listener.lost(this, 'the server goes away');
  }

  private keep({ stream, payload }: Frame): void {
    const before = this.answers.get(stream);
    this.answers.set(stream, before ? Buffer.concat([before, payload]) : payload);
    this.received += payload.length;
    if (this.received < RENEW_AT) return;
    this.socket.write(windowUpdate(this.received));
    this.received = 0;
  }

  private end(stream: number): void {
    const data = this.answers.get(stream) ?? Buffer.alloc(0);
    this.answers.delete(stream);
    this.listener.answered(this, stream, data);
  }

  private agree(settings: Frame): void {
    if (settings.flags & flags.ack) return;
    this.streamWindow = initialWindow(settings.payload) ?? this.streamWindow;
    this.socket.write(frame(frameTypes.settings, flags.ack, 0, Buffer.alloc(0)));
  }

  private widen(bytes: number): void {
    this.window += bytes;
    this.flush();
  }
}
