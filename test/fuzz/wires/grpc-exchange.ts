import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { GrpcCase } from '../fuzz-case.js';

/** How a call ended, and what came before. */
export interface GrpcOutcome {
  readonly code: number;
  readonly details: string;
  readonly messages: readonly Buffer[];
}

const DEADLINE_MS = 15_000;
const LARGE = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 };
const asIs = (bytes: Buffer): Buffer => bytes;

/** Calls whose messages go out as they are, over a few connections. */
export class GrpcExchange {
  private readonly clients: Client[];
  private turn = 0;

  constructor(port: number, connections = 4) {
    this.clients = Array.from({ length: connections }, (_, index) => {
      // An option that differs keeps channels from sharing a connection.
      return new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { ...LARGE, 'baton.connection': index });
    });
  }

  call(asked: GrpcCase): Promise<GrpcOutcome> {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(asked.metadata)) metadata.set(name, value);
    this.turn += 1;
    const client = this.clients[this.turn % this.clients.length] as Client;
    return asked.isStream ? stream(client, asked, metadata) : unary(client, asked, metadata);
  }

  close(): void {
    for (const client of this.clients) client.close();
  }
}

function unary(client: Client, { path, messages }: GrpcCase, metadata: Metadata): Promise<GrpcOutcome> {
  const [message = Buffer.alloc(0)] = messages;
  return new Promise((done) => {
    client.makeUnaryRequest(
      path,
      asIs,
      asIs,
      message,
      metadata,
      { deadline: Date.now() + DEADLINE_MS },
      (error, answer) => {
        done({ code: error?.code ?? 0, details: error?.details ?? '', messages: answer ? [answer] : [] });
      },
    );
  });
}

function stream(client: Client, { path, messages }: GrpcCase, metadata: Metadata): Promise<GrpcOutcome> {
  const call = client.makeBidiStreamRequest(path, asIs, asIs, metadata, { deadline: Date.now() + DEADLINE_MS });
  const answers: Buffer[] = [];
  return new Promise((done) => {
    call.on('data', (answer: Buffer) => answers.push(answer));
    call.on('error', ({ code, details }: ServiceError) => done({ code, details, messages: answers }));
    call.on('status', ({ code, details }: { code: number; details: string }) => {
      if (code === 0) done({ code, details, messages: answers });
    });
    for (const message of messages) call.write(message);
    call.end();
  });
}
