import { connect } from 'node:net';

const METADATA = 3;
const VERSION = 4;
const TIMEOUT_MS = 1000;
/** Size, correlation id, throttle time, number of brokers: the head of a Metadata response of version 4. */
const COUNT_AT = 12;
const HEAD = 16;

/**
 * Whether a broker answers a Metadata request with at least one broker that takes requests. An open port does not
 * say so, nor does an answer to ApiVersions, which comes before the broker is let into its cluster.
 */
export function answersMetadata(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port });
    let answer = Buffer.alloc(0);
    const end = (answered: boolean) => {
      socket.destroy();
      done(answered);
    };
    socket.setTimeout(TIMEOUT_MS, () => end(false));
    socket.once('error', () => end(false));
    socket.once('close', () => done(false));
    socket.once('connect', () => socket.write(metadataRequest()));
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length >= HEAD) end(answer.readInt32BE(COUNT_AT) > 0);
    });
  });
}

/** Size, then header version 1 (api key, version, correlation id, client id null), no topics, do not create any. */
function metadataRequest(): Buffer {
  const bytes = Buffer.alloc(19);
  bytes.writeInt32BE(15, 0);
  bytes.writeInt16BE(METADATA, 4);
  bytes.writeInt16BE(VERSION, 6);
  bytes.writeInt32BE(1, 8);
  bytes.writeInt16BE(-1, 12);
  return bytes;
}
