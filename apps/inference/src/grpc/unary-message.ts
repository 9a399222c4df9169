import { ServiceError } from '@baton/service';

/** A flag and the length, before each message (gRPC over HTTP/2, "Length-Prefixed-Message"). */
const HEAD_BYTES = 5;

/** The one message of a call, put together from the pieces that come. */
export class UnaryMessage {
  private pieces: Buffer[] = [];
  private length = 0;
  /** Where the message ends, once its head is there. */
  private end = Infinity;

  /** @param limit bytes that a message may have */
  constructor(private readonly limit: number) {}

  /** @throws ServiceError 413 as soon as the message says that it is larger than the limit; 501 for more than one */
  add(piece: Buffer): void {
    this.pieces.push(piece);
    this.length += piece.length;
    if (this.end === Infinity && this.length >= HEAD_BYTES) this.end = HEAD_BYTES + this.joined().readUInt32BE(1);
    if (this.end === Infinity) return;
    if (this.end - HEAD_BYTES > this.limit) throw tooLarge(this.end - HEAD_BYTES, this.limit);
    if (this.length > this.end) throw notOne('something behind its message');
  }

  /** The message, once nothing more comes. @throws ServiceError 400 for one that is cut short; 501 for none */
  finish(): Buffer {
    const { end, length } = this;
    if (length === 0) throw notOne('no message');
    if (length < end) throw unreadable(`it ends after ${length} bytes, in the middle`);
    const bytes = this.joined();
    if (bytes[0] !== 0) throw unreadable('it says that it is compressed, and the call has no grpc-encoding');
    return bytes.subarray(HEAD_BYTES);
  }

  private joined(): Buffer {
    const [first] = this.pieces;
    if (first && this.pieces.length === 1) return first;
    const all = Buffer.concat(this.pieces, this.length);
    this.pieces = [all];
    return all;
  }
}

/** A message with what goes before it. */
export function framed(message: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + message.length);
  bytes[0] = 0;
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, HEAD_BYTES);
  return bytes;
}

function tooLarge(bytes: number, limit: number): ServiceError {
  return new ServiceError('too-large', `a message of ${bytes} bytes; at most ${limit} are taken`, { status: 413 });
}

function unreadable(why: string): ServiceError {
  return new ServiceError('invalid-message', `the message of the call cannot be read: ${why}`, { status: 400 });
}

/** UNIMPLEMENTED is gRPC's word for a number of messages that the method does not take ("Status codes"). */
function notOne(what: string): ServiceError {
  return new ServiceError('not-one-message', `the call has ${what}: send exactly one`, { status: 501 });
}
