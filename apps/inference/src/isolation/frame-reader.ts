import { HEADER_BYTES, readHeader, type Frame, type FrameHeader } from './frames.js';

/** Puts frames together from what arrives of them; each has a buffer of its own, for views of it to live on. */
export class FrameReader {
  private readonly head = new Uint8Array(HEADER_BYTES);
  private header: FrameHeader | undefined;
  private body = new Uint8Array(0);
  /** Bytes of the header, or of the body once there is one. */
  private filled = 0;

  constructor(private readonly maxBytes: number) {}

  /** @returns the frames that are whole now @throws FrameError for bytes that are none */
  push(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    let rest = chunk;
    while (rest.byteLength > 0 || this.isWhole()) {
      if (!this.header) rest = this.readHead(rest);
      else rest = this.fill(this.body, rest);
      if (!this.header || !this.isWhole()) continue;
      frames.push({ kind: this.header.kind, id: this.header.id, body: this.body });
      this.header = undefined;
      this.filled = 0;
    }
    return frames;
  }

  private readHead(chunk: Uint8Array): Uint8Array {
    const rest = this.fill(this.head, chunk);
    if (this.filled < HEADER_BYTES) return rest;
    this.header = readHeader(this.head, this.maxBytes);
    this.body = Buffer.allocUnsafeSlow(this.header.bodyBytes);
    this.filled = 0;
    return rest;
  }

  private fill(target: Uint8Array, chunk: Uint8Array): Uint8Array {
    const taken = chunk.subarray(0, target.byteLength - this.filled);
    target.set(taken, this.filled);
    this.filled += taken.byteLength;
    return chunk.subarray(taken.byteLength);
  }

  private isWhole(): boolean {
    return this.header !== undefined && this.filled === this.body.byteLength;
  }
}
