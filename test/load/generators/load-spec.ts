import type { Latencies } from './histogram.js';

/** One tensor that an answer must hold. */
export interface WantedTensor {
  readonly name: string;
  /** Flat, row-major. */
  readonly data: readonly (number | string)[];
}

/** What is asked, and what has to come back. */
export interface Question {
  /** Base64 of the whole HTTP request, or of the message of a gRPC call. */
  readonly bytes: string;
  /** Absent for a request whose answer says nothing, such as that of a health check. */
  readonly wanted?: readonly WantedTensor[];
}

/** A load, as the process that makes it is told. */
export interface LoadSpec {
  readonly protocol: 'http' | 'grpc';
  readonly port: number;
  readonly connections: number;
  /** gRPC: calls at a time on each connection. */
  readonly streams?: number;
  /** gRPC: metadata of every call. */
  readonly authorization?: string;
  /** Requests per second, whatever becomes of them; absent: each connection asks again when it has its answer. */
  readonly rate?: number;
  /** Answers that come later, in milliseconds, are no answers. */
  readonly deadlineMs?: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
  /** Asked in turn. */
  readonly questions: readonly Question[];
  /** One answer in so many is compared with what is wanted. */
  readonly checkEvery: number;
  /** The servers whose processor time is counted, with their children. */
  readonly pids: readonly number[];
  /** Latencies of each question too. */
  readonly isApart?: boolean;
}

/** What came of a load, over the seconds after the warm-up. */
export interface LoadResult {
  readonly seconds: number;
  /** Answers with status 200, or calls with an answer. */
  readonly answered: number;
  readonly perSecond: number;
  readonly latency: Latencies;
  /** 503 with `Retry-After`. */
  readonly refused: Latencies;
  /** Everything else: other statuses, lost connections. */
  readonly failed: number;
  readonly checked: number;
  readonly wrong: number;
  /** The first of what went wrong. */
  readonly problems: readonly string[];
  /** Answers that came after the deadline. */
  readonly overdue: number;
  /** Open loop: requests for which there was no free connection at their time. */
  readonly late: number;
  /** p99 of each question in milliseconds, where it was asked for. */
  readonly apart?: readonly number[];
  /** Processor seconds of the servers. */
  readonly serverCpu: number;
  /** Share of its core that the load took: near 1, the load was what could not go faster. */
  readonly loadBusy: number;
  /** Share of the machine's time that its host gave to others. */
  readonly steal: number;
  /** Share of the machine's time that went to processes that have no part in this. */
  readonly foreign: number;
}
