import { checkAnswer } from './check-answer.js';
import { checkCall } from './check-call.js';
import type { FuzzCase, RawCase } from './fuzz-case.js';
import { GrpcExchange } from './wires/grpc-exchange.js';
import { KeptConnection } from './wires/kept-connection.js';
import { http2Exchange, rawExchange } from './wires/raw-exchange.js';

/** What became of a case. */
export interface Outcome {
  /** For counting: `http 200`, `grpc 3`, … */
  readonly kinds: readonly string[];
  /** Undefined when all is well. */
  readonly wrong?: string | undefined;
}

/** Sends cases of every kind to a replica, and judges what comes back. */
export class Sender {
  private readonly grpc: GrpcExchange;
  private readonly connections: KeptConnection[] = [];

  constructor(private readonly at: { readonly port: number; readonly grpcPort: number }) {
    this.grpc = new GrpcExchange(at.grpcPort);
  }

  async send(fuzzCase: FuzzCase): Promise<Outcome> {
    try {
      return await this.sent(fuzzCase);
    } catch (error) {
      return {
        kinds: [`${fuzzCase.kind} without an answer`],
        wrong: error instanceof Error ? error.message : String(error),
      };
    }
  }

  close(): void {
    this.grpc.close();
    for (const connection of this.connections) connection.close();
  }

  private async sent(fuzzCase: FuzzCase): Promise<Outcome> {
    if (fuzzCase.kind === 'grpc') {
      const outcome = await this.grpc.call(fuzzCase);
      return { kinds: [`grpc ${outcome.code}`], wrong: checkCall(fuzzCase, outcome) };
    }
    if (fuzzCase.kind !== 'http') return this.raw(fuzzCase);
    const connection = this.connections.pop() ?? new KeptConnection(this.at.port);
    try {
      const answer = await connection.ask(fuzzCase.bytes);
      return { kinds: [`http ${answer.status}`], wrong: checkAnswer(answer, fuzzCase.path) };
    } finally {
      this.connections.push(connection);
    }
  }

  private async raw(fuzzCase: RawCase): Promise<Outcome> {
    if (fuzzCase.kind === 'http2') {
      await http2Exchange(this.at.grpcPort, fuzzCase);
      return { kinds: ['http2'] };
    }
    // The answer to HEAD has a length and no body, and which of the answers that is, is the question here.
    if (fuzzCase.bytes.includes('HEAD ')) return { kinds: [] };
    const answers = await rawExchange(this.at.port, fuzzCase);
    const wrong = answers.map((answer) => checkAnswer(answer)).find((said) => said !== undefined);
    return { kinds: answers.length > 0 ? answers.map(({ status }) => `raw ${status}`) : ['raw, no answer'], wrong };
  }
}
