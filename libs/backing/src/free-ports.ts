import { createServer, type Server } from 'node:net';

/**
 * Below the ports that Linux gives to outgoing connections (32768 and up): there, a client that tries a stopped
 * server again and again is one day given the very port it calls, and talks to itself.
 */
const RANGE = { first: 15_000, count: 17_000 };
const TRIES = 1000;

/** Thrown when another program listens where a server is to. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';

  constructor(server: string, port: number) {
    super(`port ${port}, which ${server} is to listen on, is taken by another program: stop it, or use another port`);
  }
}

/** Ports on the loopback that nobody listened on a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const held = new Map<number, Server>();
  try {
    for (let tries = 0; held.size < count; tries += 1) {
      if (tries === TRIES) throw new Error(`${count} free ports were not to be found`);
      const port = RANGE.first + Math.floor(Math.random() * RANGE.count);
      const server = await listen(port);
      if (server) held.set(port, server);
    }
    return [...held.keys()];
  } finally {
    await Promise.all([...held.values()].map(close));
  }
}

/** @throws PortInUseError when somebody listens there */
export async function assertPortFree(server: string, port: number): Promise<void> {
  const holder = await listen(port);
  if (!holder) throw new PortInUseError(server, port);
  await close(holder);
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(undefined));
    server.listen(port, '127.0.0.1', () => done(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((done) => server.close(() => done()));
}
