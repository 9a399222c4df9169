import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ReportingPool } from './reporting-pool.js';

/* A server of Postgres's protocol that lets everybody in and ends the connection in the same breath. */

const message = (type: string, body: Buffer) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
};
const goodbye = 'SFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0';
const server = createServer((socket: Socket) => {
  socket.once('data', () => {
    const welcome = [message('R', Buffer.alloc(4)), message('Z', Buffer.from('I'))];
    socket.end(Buffer.concat([...welcome, message('E', Buffer.from(goodbye))]));
  });
});

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

afterAll(() => server.close());

it('a connection that breaks as it is handed out does not end the process', async () => {
  const { port } = server.address() as AddressInfo;
  const pool = new ReportingPool({ host: '127.0.0.1', port, user: 'a', database: 'a', max: 1 });
  const client = await pool.connect();
  await expect(client.query('select 1')).rejects.toThrow();
  client.release(true);
  await pool.end();
});
