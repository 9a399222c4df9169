import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { assertPortFree, freePorts, PortInUseError } from './free-ports.js';

describe('free ports', () => {
  it('are as many as wanted, all different, and below those of outgoing connections', async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
    for (const port of ports) expect(port).toBeLessThan(32_768);
  });

  it('are free to listen on', async () => {
    const [port = 0] = await freePorts(1);
    await expect(assertPortFree('Kafka', port)).resolves.toBeUndefined();
    const server = createServer();
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
    await expect(assertPortFree('Kafka', port)).rejects.toThrow(PortInUseError);
    await expect(assertPortFree('Kafka', port)).rejects.toThrow(`port ${port}, which Kafka`);
    await new Promise((done) => server.close(done));
  });
});
