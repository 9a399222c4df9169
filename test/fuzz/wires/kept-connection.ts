import { connect, type Socket } from 'node:net';
import { AnswerReader, type HttpAnswer } from './answer-reader.js';

/** A replica gives up on a request after 30 s, and says so. */
export const ANSWER_WITHIN_MS = 45_000;
const NOT_ANSWERED = 'the connection ended without an answer';

/** A connection that asks one request after the other, and is made anew where the server ends it. */
export class KeptConnection {
  private socket: Socket | undefined;
  private hasServed = false;

  constructor(private readonly port: number) {}

  /** @throws Error telling why there was no answer, or none that is well-formed */
  async ask(bytes: Buffer): Promise<HttpAnswer> {
    const isReused = this.hasServed;
    try {
      return await this.askOnce(bytes);
    } catch (error) {
      // Between two requests a server may end a connection; the request has not met anybody then.
      if (!isReused || !(error instanceof Error) || error.message !== NOT_ANSWERED) throw error;
      return await this.askOnce(bytes);
    }
  }

  close(): void {
    this.socket?.destroy();
    this.socket = undefined;
    this.hasServed = false;
  }

  private askOnce(bytes: Buffer): Promise<HttpAnswer> {
    const socket = (this.socket ??= connect({ port: this.port, host: '127.0.0.1', noDelay: true }));
    const reader = new AnswerReader();
    return new Promise((answered, failed) => {
      let outcome: HttpAnswer | undefined;
      const settle = (error?: Error): void => {
        clearTimeout(timer);
        socket.removeAllListeners();
        socket.on('error', () => undefined);
        const mustClose = error !== undefined || outcome?.headers.get('connection') === 'close';
        if (mustClose) this.close();
        else {
          this.hasServed = true;
          socket.once('close', () => this.socket === socket && this.close());
        }
        if (outcome && !error) answered(outcome);
        else failed(error ?? new Error(NOT_ANSWERED));
      };
      const timer = setTimeout(() => settle(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)), ANSWER_WITHIN_MS);
      const take = (answer: HttpAnswer): void => {
        if (outcome) throw new Error('one request was answered twice');
        outcome = answer;
      };
      socket.on('data', (chunk: Buffer) => {
        try {
          reader.take(chunk, take);
          if (outcome && !reader.isIdle) throw new Error('more came than one answer');
          if (outcome) settle();
        } catch (error) {
          settle(error as Error);
        }
      });
      socket.on('error', (error) => settle(isGone(error) ? new Error(NOT_ANSWERED) : error));
      socket.on('close', () => {
        try {
          reader.end(take);
          settle(outcome ? undefined : new Error(NOT_ANSWERED));
        } catch (error) {
          settle(error as Error);
        }
      });
      socket.write(bytes);
    });
  }
}

function isGone(error: Error): boolean {
  return ['ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '');
}
