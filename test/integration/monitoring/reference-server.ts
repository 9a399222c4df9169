import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The registry's artifact route, for reference files. */
export class ReferenceServer {
  /** Authorization headers of the downloads, in their order. */
  readonly asked: { path: string; authorization?: string }[] = [];
  /** Answers everything with this status, like a registry that is ill. */
  status: number | undefined;
  private readonly files = new Map<string, Buffer>();
  private readonly server = createServer((request, response) => this.answer(request, response));

  static async start(): Promise<ReferenceServer> {
    const server = new ReferenceServer();
    await new Promise<void>((done) => server.server.listen(0, '127.0.0.1', done));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Stores a file and gives its record. */
  put(content: string): { name: string; digest: string; size: number } {
    const bytes = Buffer.from(content);
    const digest = createHash('sha256').update(bytes).digest('hex');
    this.files.set(digest, bytes);
    return { name: 'reference.csv', digest, size: bytes.length };
  }

  /** Other bytes under the digest of a file. */
  tamper(digest: string, content: string): void {
    this.files.set(digest, Buffer.from(content));
  }

  remove(digest: string): void {
    this.files.delete(digest);
  }

  downloads(digest: string): number {
    return this.asked.filter(({ path }) => path.endsWith(digest)).length;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const path = String(request.url);
    this.asked.push({ path, authorization: request.headers.authorization });
    const bytes = this.files.get(path.split('/').at(-1) ?? '');
    if (this.status !== undefined) response.writeHead(this.status).end();
    else if (bytes && path.startsWith('/v1/artifacts/')) response.writeHead(200).end(bytes);
    else response.writeHead(404).end();
  }
}
