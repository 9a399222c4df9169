import { KEEP_ALIVE_MS } from '@baton/service';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

const SECOND_MS = 1000;
const KEPT = `connection: keep-alive\r\nkeep-alive: timeout=${KEEP_ALIVE_MS / SECOND_MS}\r\ncontent-length: `;
const CLOSED = 'connection: close\r\ncontent-length: ';

export interface PlainAnswer {
  readonly status: number;
  /** Names and values, one after the other. */
  readonly headers: readonly string[];
  readonly body: string | Buffer;
  /** Whether nothing follows on this connection. */
  readonly isLast: boolean;
}

let date = { second: 0, line: '' };

/** Writes an answer with its head, in one piece where it can be. */
export function plainAnswer(socket: Socket, { status, headers, body, isLast }: PlainAnswer): void {
  let head = status === 200 ? 'HTTP/1.1 200 OK\r\n' : `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  for (let index = 0; index < headers.length; index += 2) head += `${headers[index]}: ${headers[index + 1]}\r\n`;
  const length = Buffer.byteLength(body);
  head += `${dateLine()}${isLast ? CLOSED : KEPT}${length}\r\n\r\n`;
  // Text that is all ASCII needs no encoding.
  if (typeof body === 'string' && body.length === length) return void socket.write(head + body, 'latin1');
  socket.cork();
  socket.write(head, 'latin1');
  socket.write(body);
  socket.uncork();
}

/** The same for a second (RFC 9110 §6.6.1). */
function dateLine(): string {
  const second = Math.floor(Date.now() / SECOND_MS);
  if (second !== date.second) date = { second, line: `date: ${new Date(second * SECOND_MS).toUTCString()}\r\n` };
  return date.line;
}
