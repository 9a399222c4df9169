/** Below it the memory is not worth a call. */
const LARGE_BYTES = 32_768;

/**
 * Gives the memory of bytes that nobody will read any more back at once; whatever still points to them finds nothing.
 * Left to the garbage collector, the megabytes of large requests make it run so often that it takes a tenth of their
 * time. Bytes that share their memory with others stay as they are.
 */
export function giveBack(bytes: Buffer): void {
  const { buffer, length } = bytes;
  if (length < LARGE_BYTES || length !== buffer.byteLength || !(buffer instanceof ArrayBuffer)) return;
  buffer.transfer(0);
}
