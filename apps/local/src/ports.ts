import { createServer } from 'node:net';

/** Where each part listens, counted from the base port. */
const offsets = {
  registry: 0,
  registryGrpc: 1,
  postgres: 90,
  kafka: 91,
  kafkaController: 92,
  traces: 93,
  deployment: 100,
  inference: 200,
  inferenceGrpc: 201,
  monitoring: 300,
  training: 400,
} as const;

export type PortName = keyof typeof offsets;
export type Ports = Readonly<Record<PortName, number>>;

/** Ports of the platform for a base port: registry at the base, the others at fixed distances. */
export function portsFrom(base: number): Ports {
  return Object.fromEntries(Object.entries(offsets).map(([name, offset]) => [name, base + offset])) as Ports;
}

/** Thrown when another program listens where Baton wants to. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

/** @throws PortTakenError naming the part, the port and the way out */
export async function assertFree(ports: Ports, names: readonly PortName[]): Promise<void> {
  for (const name of names) {
    if (await isFree(ports[name])) continue;
    throw new PortTakenError(
      `port ${ports[name]} (${name}) is taken by another program: stop it, or set BATON_PORT_BASE to another number (now ${ports.registry})`,
    );
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
  });
}
