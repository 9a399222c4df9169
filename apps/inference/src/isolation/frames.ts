// Read by the child program too, which Node runs from sources as well: erasable syntax only.

/** What a frame is about: the parent's first, then the child's. */
export const frameKinds = { load: 1, run: 2, loaded: 3, answer: 4, failed: 5 } as const;
export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

/** A message between a model's process and its parent. */
export interface Frame {
  readonly kind: FrameKind;
  /** Of the run that it belongs to; 0 for loading. */
  readonly id: number;
  /** Starts at a multiple of {@link ALIGNMENT} in its buffer, so that tensors can be views of it. */
  readonly body: Uint8Array;
}

export interface FrameHeader extends Omit<Frame, 'body'> {
  readonly bodyBytes: number;
}

/** Thrown for bytes that are no frame, or no tensors. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

export const HEADER_BYTES = 16;
export const ALIGNMENT = 8;

/** Below this, one copy costs less than one more system call. */
const JOINED_BYTES = 32 * 1024;
const MAGIC = 0x42544e31;
const kinds: ReadonlySet<number> = new Set(Object.values(frameKinds));

/**
 * A frame as the pieces to write, in order; a small one is one piece, and a large piece is never copied.
 * Header, little-endian: u32 magic, u32 bytes of the body, u32 id, u32 kind.
 * @throws FrameError when the body has more than `maxBytes`
 */
export function frameOf(kind: FrameKind, id: number, body: readonly Uint8Array[], maxBytes: number): Uint8Array[] {
  const bodyBytes = body.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bodyBytes > maxBytes) throw new FrameError(`${bodyBytes} bytes are more than the ${maxBytes} of a frame`);
  const isSmall = bodyBytes <= JOINED_BYTES;
  const first = new Uint8Array(HEADER_BYTES + (isSmall ? bodyBytes : 0));
  const view = new DataView(first.buffer);
  [MAGIC, bodyBytes, id, kind].forEach((word, index) => view.setUint32(index * 4, word, true));
  if (!isSmall) return [first, ...body];
  let at = HEADER_BYTES;
  for (const piece of body) {
    first.set(piece, at);
    at += piece.byteLength;
  }
  return [first];
}

/** @throws FrameError for what is no header, and for a body of more than `maxBytes` */
export function readHeader(bytes: Uint8Array, maxBytes: number): FrameHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const [magic, bodyBytes, id, kind] = [0, 4, 8, 12].map((at) => view.getUint32(at, true)) as [
    number,
    number,
    number,
    number,
  ];
  if (magic !== MAGIC || !isKind(kind)) throw new FrameError('these bytes are no frame');
  if (bodyBytes > maxBytes) throw new FrameError(`a frame of ${bodyBytes} bytes, where ${maxBytes} are allowed`);
  return { kind, id, bodyBytes };
}

/** Bytes to the next multiple of {@link ALIGNMENT}. */
export function paddingOf(bytes: number): number {
  return (ALIGNMENT - (bytes % ALIGNMENT)) % ALIGNMENT;
}

function isKind(kind: number): kind is FrameKind {
  return kinds.has(kind);
}
