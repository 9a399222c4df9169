import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { RawCase } from '../fuzz-case.js';
import { AnswerReader, type HttpAnswer } from './answer-reader.js';
import { ANSWER_WITHIN_MS } from './kept-connection.js';

/** Nothing has come for so long: whatever was understood is answered. */
const QUIET_MS = 40;
const BETWEEN_PIECES_MS = 1;

/** Reads what comes back on a connection. */
interface Reading {
  readonly isIdle: boolean;
  take(chunk: Buffer): void;
  end(): void;
}

/** Sends bytes that may be HTTP/1.1, and gives the answers. @throws Error for what is none, or does not end */
export async function rawExchange(port: number, { bytes, cuts }: RawCase): Promise<HttpAnswer[]> {
  const reader = new AnswerReader();
  const answers: HttpAnswer[] = [];
  const keep = (answer: HttpAnswer): void => void answers.push(answer);
  const reading: Reading = {
    get isIdle() {
      return reader.isIdle;
    },
    take: (chunk) => reader.take(chunk, keep),
    end: () => reader.end(keep),
  };
  await exchange(port, { bytes, cuts }, reading);
  return answers;
}

/** Sends bytes that may be HTTP/2. @throws Error where what comes back is no sequence of frames, or does not end */
export async function http2Exchange(port: number, { bytes, cuts }: RawCase): Promise<void> {
  let rest = Buffer.alloc(0);
  const reading: Reading = {
    get isIdle() {
      return rest.length === 0;
    },
    take: (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3))
        rest = rest.subarray(9 + rest.readUIntBE(0, 3));
    },
    end: () => {
      if (rest.length > 0) throw new Error('the connection ended within a frame');
    },
  };
  await exchange(port, { bytes, cuts }, reading);
}

function exchange(port: number, { bytes, cuts }: Pick<RawCase, 'bytes' | 'cuts'>, reading: Reading): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  return new Promise((done, failed) => {
    let quiet: NodeJS.Timeout | undefined;
    let isSent = false;
    let isEnding = false;
    const limit = setTimeout(
      () => settle(new Error(`it does not end within ${ANSWER_WITHIN_MS} ms`)),
      ANSWER_WITHIN_MS,
    );
    const settle = (error?: Error): void => {
      clearTimeout(limit);
      clearTimeout(quiet);
      socket
        .removeAllListeners()
        .on('error', () => undefined)
        .destroy();
      if (error) failed(error);
      else done();
    };
    const listen = (): void => {
      clearTimeout(quiet);
      quiet = setTimeout(() => {
        // Half an answer is waited for.
        if (!isSent || !reading.isIdle) return listen();
        isEnding = true;
        socket.end();
      }, QUIET_MS);
    };
    socket.on('data', (chunk: Buffer) => {
      listen();
      try {
        reading.take(chunk);
      } catch (error) {
        settle(error as Error);
      }
    });
    // Whoever sends nonsense is cut off, in the middle of it too.
    socket.on('error', (error: NodeJS.ErrnoException) =>
      settle(['ECONNRESET', 'EPIPE'].includes(error.code ?? '') ? undefined : error),
    );
    socket.on('close', () => {
      try {
        // What was on its way when we said that we would hear no more may be cut.
        if (!isEnding) reading.end();
        settle();
      } catch (error) {
        settle(error as Error);
      }
    });
    listen();
    void sendPieces(socket, bytes, cuts).then(() => (isSent = true));
  });
}

async function sendPieces(socket: ReturnType<typeof connect>, bytes: Buffer, cuts: readonly number[]): Promise<void> {
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    if (to > from && socket.writable) socket.write(bytes.subarray(from, to));
    from = to;
    if (to < bytes.length) await pause(BETWEEN_PIECES_MS);
  }
}
