import { connect } from 'node:net';

const API_VERSIONS = 18;
const TIMEOUT_MS = 1000;

/** Whether a broker answers an ApiVersions request (version 0): an open port alone does not say so. */
export function answersApiVersions(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (answered: boolean) => {
      socket.destroy();
      done(answered);
    };
    socket.setTimeout(TIMEOUT_MS, () => end(false));
    socket.once('error', () => end(false));
    socket.once('close', () => done(false));
    socket.once('connect', () => socket.write(request()));
    socket.once('data', () => end(true));
  });
}

/** Size, then header version 1: api key, api version, correlation id, client id (null). */
function request(): Buffer {
  const bytes = Buffer.alloc(14);
  bytes.writeInt32BE(10, 0);
  bytes.writeInt16BE(API_VERSIONS, 4);
  bytes.writeInt16BE(0, 6);
  bytes.writeInt32BE(1, 8);
  bytes.writeInt16BE(-1, 12);
  return bytes;
}
