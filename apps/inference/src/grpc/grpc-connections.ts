import { once } from 'node:events';
import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { within } from '../within.js';

/** A caller that is gone without a word holds nothing for longer. */
const PING_EVERY_MS = 60_000;
const PING_WITHIN_MS = 20_000;
const STOP_WITHIN_MS = 5000;

/** The connections of a gRPC server. */
export class GrpcConnections {
  private readonly sessions = new Set<ServerHttp2Session>();
  private readonly server: Http2Server;

  constructor(onCall: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void) {
    // Node's behaviour degrades badly at a session's limit of memory; what is held is limited call by call.
    this.server = createServer({ maxSessionMemory: Number.MAX_SAFE_INTEGER });
    this.server.on('session', (session) => this.keep(session));
    this.server.on('stream', (stream, headers) => {
      // It closes as well, which is all there is to know; without a listener the process would end.
      stream.on('error', () => undefined);
      // One that was taken back in the same breath has closed already, and would not say so again.
      if (!stream.destroyed) onCall(stream, headers);
    });
  }

  /** Gives the port, which is another one for 0. */
  async listen(port: number, host: string): Promise<number> {
    this.server.listen(port, host);
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  /** Calls in flight come to their end, but one that never ends does not keep us. */
  async close(): Promise<void> {
    const done = new Promise<void>((closed) => this.server.close(() => closed()));
    for (const session of this.sessions) session.close();
    await within(STOP_WITHIN_MS, done);
    for (const session of this.sessions) session.destroy();
  }

  private keep(session: ServerHttp2Session): void {
    this.sessions.add(session);
    const timer = setInterval(() => ping(session), PING_EVERY_MS).unref();
    session.on('close', () => {
      clearInterval(timer);
      this.sessions.delete(session);
    });
  }
}

function ping(session: ServerHttp2Session): void {
  if (session.destroyed) return;
  const late = setTimeout(() => session.destroy(), PING_WITHIN_MS).unref();
  session.ping(() => clearTimeout(late));
}
