import { connect, type Socket } from 'node:net';

const RECEIVE_BYTES = 64 * 1024;
const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH_HEADER = 'content-length:';
const [LOWER_CASE, NEWLINE, ZERO, NINE] = [0x20, 0x0a, 0x30, 0x39];

/** An answer; its bytes are good until the call that gives it returns. */
export interface HttpAnswer {
  readonly status: number;
  readonly bytes: Buffer;
  /** Where the body begins. */
  readonly bodyAt: number;
}

interface Listener {
  answered(connection: HttpConnection, answer: HttpAnswer): void;
  lost(connection: HttpConnection, why: string): void;
}

/** A connection that asks one thing at a time, and looks at no more of an answer than it has to. */
export class HttpConnection {
  /** When the last request was sent, and when it should have been: `performance.now()`. */
  sentAt = 0;
  dueAt = 0;
  /** Index of the question that was asked last. */
  question = 0;
  private readonly socket: Socket;
  /** The beginning of an answer whose rest is on its way. */
  private begun: Buffer | undefined;
  /** Where the last answer had its length: a server writes the same headers each time. */
  private lengthAt = 0;

  constructor(
    port: number,
    private readonly listener: Listener,
  ) {
    const onread = {
      buffer: Buffer.allocUnsafe(RECEIVE_BYTES),
      callback: (count: number, buffer: Uint8Array) => this.read(buffer as Buffer, count),
    };
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
    this.socket.on('error', (error) => this.lose(error.message));
    this.socket.on('close', () => this.lose('the server closed the connection'));
  }

  send(request: Buffer): void {
    this.socket.write(request);
  }

  close(): void {
    this.socket.removeAllListeners('close').destroy();
  }

  private lose(why: string): void {
    this.socket
      .removeAllListeners('close')
      .removeAllListeners('error')
      .on('error', () => undefined);
    this.socket.destroy();
    this.listener.lost(this, why);
  }

  private read(buffer: Buffer, count: number): boolean {
    const chunk = buffer.subarray(0, count);
    const bytes = this.begun ? Buffer.concat([this.begun, chunk]) : chunk;
    const headEnd = bytes.indexOf(HEAD_END);
    const bodyAt = headEnd + HEAD_END.length;
    if (headEnd < 0 || bytes.length < bodyAt + this.lengthOf(bytes, headEnd)) {
      this.begun = this.begun ? bytes : Buffer.from(bytes);
      return true;
    }
    this.begun = undefined;
    const status = ((bytes[9] ?? 0) - ZERO) * 100 + ((bytes[10] ?? 0) - ZERO) * 10 + (bytes[11] ?? 0) - ZERO;
    this.listener.answered(this, { status, bytes, bodyAt });
    return true;
  }

  private lengthOf(bytes: Buffer, headEnd: number): number {
    if (!isLengthAt(bytes, this.lengthAt)) {
      const head = bytes.toString('latin1', 0, headEnd).toLowerCase();
      this.lengthAt = head.indexOf(`\n${LENGTH_HEADER}`) + 1;
      if (this.lengthAt === 0) throw new Error(`an answer without its length:\n${head}`);
    }
    let length = 0;
    for (let at = this.lengthAt + LENGTH_HEADER.length; at < headEnd; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte >= ZERO && byte <= NINE) length = length * 10 + byte - ZERO;
      else if (byte !== LOWER_CASE) break;
    }
    return length;
  }
}

function isLengthAt(bytes: Buffer, at: number): boolean {
  if (at === 0 || bytes[at - 1] !== NEWLINE) return false;
  for (let index = 0; index < LENGTH_HEADER.length - 1; index += 1) {
    const byte = bytes[at + index] ?? 0;
    if (byte !== LENGTH_HEADER.charCodeAt(index) && (byte | LOWER_CASE) !== LENGTH_HEADER.charCodeAt(index))
      return false;
  }
  return true;
}

/** The headers of an answer in lower case. */
export function headOf({ bytes, bodyAt }: HttpAnswer): string {
  return bytes.toString('latin1', 0, bodyAt).toLowerCase();
}
