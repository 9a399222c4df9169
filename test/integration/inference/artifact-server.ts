import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sha256 } from './released-models.js';

export const SERVICE_KEY = 'baton_servicekey00_0123456789012345678901234567890123456789012';

/** Answers `GET /v1/artifacts/{sha256}` as the registry does, and can be made to fail. */
export class ArtifactServer {
  /** Paths that were asked for, in order. */
  readonly asked: string[] = [];
  /** Answers this status instead, while it is set. */
  failWith: number | undefined;
  /** Ends the connection after half of the bytes, while it is set. */
  cutsOff = false;
  private readonly files = new Map<string, Buffer>();
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => this.answer(request, response));
  }

  static async start(): Promise<ArtifactServer> {
    const server = new ArtifactServer();
    await server.listen(0);
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  private port = 0;

  /** Keeps bytes under their digest, or under the digest of what they should be. */
  keep(bytes: Buffer, digest = sha256(bytes)): void {
    this.files.set(digest, bytes);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  /** On the port that it had. */
  async restart(): Promise<void> {
    await this.listen(this.port);
  }

  private async listen(port: number): Promise<void> {
    await new Promise<void>((done) => this.server.listen(port, '127.0.0.1', done));
    this.port = (this.server.address() as AddressInfo).port;
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '';
    this.asked.push(path);
    const bytes = this.files.get(path.replace('/v1/artifacts/', ''));
    const known = request.headers.authorization === `Bearer ${SERVICE_KEY}`;
    if (this.failWith !== undefined) response.writeHead(this.failWith).end();
    else if (!known) response.writeHead(401).end();
    else if (!bytes) response.writeHead(404).end();
    else if (this.cutsOff) {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
    } else response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  }
}
