import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { assertFree, PortTakenError, portsFrom } from './ports.js';

describe('ports', () => {
  it('puts every part at a fixed distance from the base', () => {
    expect(portsFrom(4100)).toMatchObject({ registry: 4100, deployment: 4200, inference: 4300, inferenceGrpc: 4301 });
    expect(portsFrom(5100)).toMatchObject({ monitoring: 5400, training: 5500, postgres: 5190, kafka: 5191 });
  });

  it('names the part and the way out when a port is taken', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(assertFree({ ...portsFrom(4100), kafka: port }, ['kafka'])).rejects.toThrow(PortTakenError);
    await expect(assertFree({ ...portsFrom(4100), kafka: port }, ['kafka'])).rejects.toThrow(/kafka.*BATON_PORT_BASE/);
    await new Promise((done) => server.close(done));
    await expect(assertFree({ ...portsFrom(4100), kafka: port }, ['kafka'])).resolves.toBeUndefined();
  });
});
