/** Reads what a `GroupBuffer` wrote. @throws RangeError beyond the end */
export class ByteReader {
  private at = 0;

  /** @param bytes that begin at a multiple of 8 of what was written */
  constructor(private readonly bytes: Buffer) {}

  u8(): number {
    return this.bytes.readUInt8(this.take(1));
  }

  u32(): number {
    return this.bytes.readUInt32LE(this.take(4));
  }

  f64(): number {
    return this.bytes.readDoubleLE(this.take(8));
  }

  text(): string {
    return this.raw(this.u32()).toString('utf8');
  }

  align(): void {
    this.at = Math.ceil(this.at / 8) * 8;
  }

  raw(length: number): Buffer {
    const start = this.take(length);
    return this.bytes.subarray(start, start + length);
  }

  private take(length: number): number {
    const start = this.at;
    if (start + length > this.bytes.length) throw new RangeError('the record ends too early');
    this.at = start + length;
    return start;
  }
}
