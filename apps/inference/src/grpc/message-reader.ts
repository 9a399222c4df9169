import { ServiceError } from '@baton/service';

/** A flag and the length, before each message (gRPC over HTTP/2, "Length-Prefixed-Message"). */
const HEAD_BYTES = 5;

/** Puts the messages of a call together from the pieces that come. */
export class MessageReader {
  private pieces: Buffer[] = [];
  private length = 0;
  /** Where the next message ends, once its head is there. */
  private end = Infinity;

  /** @param limit bytes that a message may have */
  constructor(private readonly limit: number) {}

  /** Whether nothing is left of what came. */
  get isEmpty(): boolean {
    return this.length === 0;
  }

  add(piece: Buffer): void {
    this.pieces.push(piece);
    this.length += piece.length;
  }

  /**
   * The next message, once it is there.
   * @throws ServiceError 413 as soon as it says that it is larger than the limit; 400 for a compressed one
   */
  next(): Buffer | undefined {
    if (this.length < HEAD_BYTES) return undefined;
    if (this.end === Infinity) this.end = endOf(this.joined(), this.limit);
    if (this.length < this.end) return undefined;
    const all = this.joined();
    const message = all.subarray(HEAD_BYTES, this.end);
    this.length -= this.end;
    this.pieces = this.length === 0 ? [] : [all.subarray(this.end)];
    this.end = Infinity;
    return message;
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

/** @throws ServiceError 400 for a call that ends in the middle of a message */
export function refuseRest(reader: MessageReader): void {
  if (!reader.isEmpty) throw unreadable('it ends in the middle');
}

function endOf(bytes: Buffer, limit: number): number {
  const length = bytes.readUInt32BE(1);
  if (length > limit) {
    const detail = `a message of ${length} bytes; at most ${limit} are taken`;
    throw new ServiceError('too-large', detail, { status: 413 });
  }
  if (bytes[0] !== 0) throw unreadable('it says that it is compressed, and the call has no grpc-encoding');
  return HEAD_BYTES + length;
}

function unreadable(why: string): ServiceError {
  return new ServiceError('invalid-message', `a message of the call cannot be read: ${why}`, { status: 400 });
}
