import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** A line to a server that can fall silent: connections stay open, and nothing gets through. */
export class Line {
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  private constructor(private readonly target: URL) {
    this.server = createServer((near) => this.join(near));
  }

  static async to(url: string): Promise<Line> {
    const line = new Line(new URL(url));
    await new Promise<void>((done) => line.server.listen(0, '127.0.0.1', done));
    return line;
  }

  get url(): string {
    const port = String((this.server.address() as AddressInfo).port);
    return Object.assign(new URL(this.target), { port }).href;
  }

  freeze(): void {
    this.sockets.forEach((socket) => socket.pause());
  }

  thaw(): void {
    this.sockets.forEach((socket) => socket.resume());
  }

  async close(): Promise<void> {
    this.sockets.forEach((socket) => socket.destroy());
    await new Promise((done) => this.server.close(done));
  }

  private join(near: Socket): void {
    const far = connect(Number(this.target.port), this.target.hostname);
    near.on('data', (part) => far.write(part));
    far.on('data', (part) => near.write(part));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => other.destroy());
    }
  }
}
