// Read by the child program, which Node runs from sources as well: erasable syntax only.
import { readSync, writeSync } from 'node:fs';
import { frameOf, HEADER_BYTES, readHeader, type Frame, type FrameKind } from './frames.ts';

const PIPE = 3;
const SCRATCH_BYTES = 64 * 1024;
/** What a header can say; the parent is believed, and the limit on memory is there in any case. */
const LARGEST = 2 ** 32 - 1;

const head = new Uint8Array(HEADER_BYTES);
const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

/** The next frame of the parent; small ones share a buffer, so it is good until the next call. Ends with the pipe. */
export function readFrame(): Frame {
  readInto(head);
  const { kind, id, bodyBytes } = readHeader(head, LARGEST);
  const body = bodyBytes <= SCRATCH_BYTES ? scratch.subarray(0, bodyBytes) : Buffer.allocUnsafeSlow(bodyBytes);
  readInto(body);
  return { kind, id, body };
}

/** @throws FrameError when the body has more than `maxBytes`: then nothing has been written */
export function writeFrame({ kind, id }: { kind: FrameKind; id: number }, body: Uint8Array[], maxBytes: number): void {
  for (const piece of frameOf(kind, id, body, maxBytes)) {
    let at = 0;
    while (at < piece.byteLength) at += writeSync(PIPE, piece, at);
  }
}

function readInto(target: Uint8Array): void {
  let at = 0;
  while (at < target.byteLength) {
    const bytes = readSync(PIPE, target, at, target.byteLength - at, null);
    if (bytes === 0) process.exit();
    at += bytes;
  }
}
