import { CONNECTION_TIMEOUT_MS, KEEP_ALIVE_MS } from '@baton/service';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { PlainConnection, type PlainConnectionParts } from './plain-connection.js';

const SWEEP_MS = 1000;

/** The connections of an HTTP server as long as only plain requests have come on them. */
export class PlainHttp {
  private readonly connections = new Set<PlainConnection>();

  constructor(private readonly parts: Pick<PlainConnectionParts, 'readHead' | 'begin' | 'isStopping'>) {}

  /** Takes every new connection; what the server does with its connections it does with these too. */
  attach(server: Server): void {
    const listeners = server.listeners('connection') as ((socket: Socket) => void)[];
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      const parts: PlainConnectionParts = {
        ...this.parts,
        onClose: (connection) => this.connections.delete(connection),
        handOver: (connection, unread) => {
          this.connections.delete(connection);
          connection.leave().unshift(unread);
          for (const listener of listeners) listener.call(server, socket);
          socket.resume();
        },
      };
      this.connections.add(new PlainConnection(socket, parts));
    });
    const [closeIdle, closeAll] = [server.closeIdleConnections.bind(server), server.closeAllConnections.bind(server)];
    server.closeIdleConnections = () => {
      closeIdle();
      this.close(({ isIdle, socket }) => isIdle && socket.writableLength === 0);
    };
    server.closeAllConnections = () => {
      closeAll();
      this.close(() => true);
    };
    const sweep = setInterval(() => this.sweep(performance.now()), SWEEP_MS).unref();
    server.once('close', () => clearInterval(sweep));
  }

  private sweep(now: number): void {
    this.close(({ isIdle, isReceiving, movedAt, requestAt }) => {
      if (isReceiving && now - requestAt > CONNECTION_TIMEOUT_MS) return true;
      return now - movedAt > (isIdle ? KEEP_ALIVE_MS : CONNECTION_TIMEOUT_MS);
    });
  }

  private close(which: (connection: PlainConnection) => boolean): void {
    for (const connection of this.connections) if (which(connection)) connection.destroy();
  }
}
