import { checkHttpAnswer } from './answer-check.js';
import { headOf, HttpConnection, type HttpAnswer } from './http-connection.js';
import type { LoadSpec } from './load-spec.js';
import type { Tally } from './tally.js';

const TICK_MS = 1;

/** A load that runs until it is stopped. */
export interface Load {
  start(): void;
  stop(): void;
}

/** Requests over HTTP/1.1: each connection asks again at once (closed loop), or all ask at a fixed rate (open loop). */
export class HttpLoad implements Load {
  private readonly requests: Buffer[];
  private readonly connections = new Set<HttpConnection>();
  /** Open loop: connections with nothing to do, and the times of requests that wait for one. */
  private readonly idle: HttpConnection[] = [];
  private readonly waiting: number[] = [];
  private next = 0;
  private isStopped = false;

  constructor(
    private readonly spec: LoadSpec,
    private readonly tally: Tally,
  ) {
    this.requests = spec.questions.map(({ bytes }) => Buffer.from(bytes, 'base64'));
  }

  start(): void {
    for (let count = 0; count < this.spec.connections; count += 1) this.open();
    if (this.spec.rate !== undefined) this.keepRate(this.spec.rate);
  }

  stop(): void {
    this.isStopped = true;
    for (const connection of this.connections) connection.close();
  }

  private open(): void {
    const connection = new HttpConnection(this.spec.port, this);
    this.connections.add(connection);
    this.free(connection);
  }

  /** By the clock, not by the timer: a tick that comes late sends what is due by then. */
  private keepRate(rate: number): void {
    const since = performance.now();
    let sent = 0;
    const tick = () => {
      if (this.isStopped) return;
      const due = ((performance.now() - since) * rate) / 1000;
      for (; sent < due; sent += 1) this.ask(since + (sent * 1000) / rate);
      setTimeout(tick, TICK_MS);
    };
    tick();
  }

  private ask(dueAt: number): void {
    const connection = this.idle.pop();
    if (connection) return this.send(connection, dueAt);
    this.tally.late += 1;
    this.waiting.push(dueAt);
  }

  private free(connection: HttpConnection): void {
    if (this.isStopped) return;
    if (this.spec.rate === undefined) return this.send(connection, performance.now());
    const dueAt = this.waiting.shift();
    if (dueAt === undefined) this.idle.push(connection);
    else this.send(connection, dueAt);
  }

  private send(connection: HttpConnection, dueAt: number): void {
    connection.question = this.next;
    this.next = (this.next + 1) % this.requests.length;
    connection.dueAt = dueAt;
    connection.sentAt = performance.now();
    connection.send(this.requests[connection.question] ?? Buffer.alloc(0));
  }

  answered(connection: HttpConnection, answer: HttpAnswer): void {
    if (this.isStopped) return;
    const now = performance.now();
    const { question } = connection;
    if (answer.status === 200) {
      if (this.tally.isDue) this.tally.check(checkHttpAnswer(answer, this.spec.questions[question]?.wanted));
      this.tally.answer(now - connection.dueAt, question);
    } else if (answer.status === 503 && headOf(answer).includes('\r\nretry-after:')) {
      this.tally.refuse(now - connection.sentAt);
    } else {
      this.tally.fail(`status ${answer.status}: ${answer.bytes.subarray(answer.bodyAt).toString().slice(0, 300)}`);
    }
    this.free(connection);
  }

  lost(connection: HttpConnection, why: string): void {
    if (this.isStopped || !this.connections.delete(connection)) return;
    this.tally.fail(why);
    const at = this.idle.indexOf(connection);
    if (at >= 0) this.idle.splice(at, 1);
    // Not at once: a server that is gone would be asked without end.
    setTimeout(() => !this.isStopped && this.open(), 10);
  }
}
