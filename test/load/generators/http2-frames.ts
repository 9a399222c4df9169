/* As much of HTTP/2 (RFC 9113) as a caller of gRPC needs. */

export const frameTypes = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 } as const;
export const flags = { endStream: 1, ack: 1, endHeaders: 4 } as const;
export const FRAME_HEAD = 9;
/** What both sides may send before the other allows more, and the largest frame, unless they say otherwise. */
export const DEFAULT_WINDOW = 65_535;
export const MAX_FRAME = 16_384;
const LARGEST_WINDOW = 2 ** 31 - 1;
const INITIAL_WINDOW_SIZE = 4;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export function frame(type: number, frameFlags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(FRAME_HEAD);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = frameFlags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** How a client begins: the preface, and leave to send as much as there is. */
export function greeting(): Buffer {
  const settings = Buffer.alloc(6);
  settings.writeUInt16BE(INITIAL_WINDOW_SIZE, 0);
  settings.writeUInt32BE(LARGEST_WINDOW, 2);
  return Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    frame(frameTypes.settings, 0, 0, settings),
    windowUpdate(LARGEST_WINDOW - DEFAULT_WINDOW),
  ]);
}

/** Leave to send so many bytes more on the connection. */
export function windowUpdate(bytes: number): Buffer {
  const increment = Buffer.alloc(4);
  increment.writeUInt32BE(bytes);
  return frame(frameTypes.windowUpdate, 0, 0, increment);
}

/** The initial window of streams in a SETTINGS frame; undefined when it says nothing of it. */
export function initialWindow(settings: Buffer): number | undefined {
  for (let at = 0; at + 6 <= settings.length; at += 6) {
    if (settings.readUInt16BE(at) === INITIAL_WINDOW_SIZE) return settings.readUInt32BE(at + 2);
  }
  return undefined;
}

/** Header fields as literals without indexing (RFC 7541, section 6.2.2): no table to keep, on either side. */
export function literalFields(fields: Readonly<Record<string, string>>): Buffer {
  const text = (value: string) => Buffer.concat([integer(value.length, 0x7f), Buffer.from(value, 'latin1')]);
  return Buffer.concat(Object.entries(fields).flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
}

/** RFC 7541, section 5.1. */
function integer(value: number, prefix: number): Buffer {
  if (value < prefix) return Buffer.from([value]);
  const bytes = [prefix];
  let rest = value - prefix;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
