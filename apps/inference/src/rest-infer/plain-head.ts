import { readHead, type InferHead } from './infer-head.js';
import type { InferTarget, InferTargets } from './infer-target.js';

/** The head of a request to infer whose body has a length that is said. */
export interface PlainHead {
  readonly target: InferTarget;
  readonly head: InferHead;
  /** Bytes of the head, and of the body after it. */
  readonly length: number;
  readonly bodyLength: number;
}

/** A longer one is none of ours. */
export const MAX_HEAD_BYTES = 8192;

const REQUEST_LINE = /^POST ([\x21-\x7e]+) HTTP\/1\.1\r\n/;
/** RFC 9110 §5.1 and §5.5, without what is obsolete: no folded lines, nothing beyond ASCII. */
const FIELD = /([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e]*)\r\n/y;
const LENGTH = /^\d{1,12}$/;
/** Fields that say something of how the message is framed, or of what is to become of the connection. */
const FRAMING = /^(?:transfer-encoding|expect|upgrade|te|trailer|http2-settings|proxy-connection)$/;

/**
 * Reads a head, and nothing that could be understood in two ways: what is not exactly of this form is left to Node's
 * HTTP server.
 * @param text of the head with the empty line at its end
 */
function readPlainHead(text: string, targets: InferTargets, maxBodyBytes: number): PlainHead | undefined {
  const [line = '', url = ''] = REQUEST_LINE.exec(text) ?? [];
  const target = url === '' ? undefined : targets.of(url);
  const raw = target && readFields(text, line.length);
  if (!target || !raw) return undefined;
  const lengths = raw.filter((name, index) => index % 2 === 0 && name === 'content-length').length;
  const hosts = raw.filter((name, index) => index % 2 === 0 && name === 'host').length;
  const length = raw[raw.indexOf('content-length') + 1] ?? '';
  if (lengths !== 1 || hosts !== 1 || !LENGTH.test(length) || Number(length) > maxBodyBytes) return undefined;
  return { target, head: readHead(raw), length: text.length, bodyLength: Number(length) };
}

const MAX_REMEMBERED = 1000;

/** Heads of callers are mostly the same ones again, whatever the connection. */
export class PlainHeads {
  private readonly known = new Map<string, PlainHead>();

  constructor(
    private readonly targets: InferTargets,
    private readonly maxBodyBytes: number,
  ) {}

  /** @param text of the head with the empty line at its end */
  of(text: string): PlainHead | undefined {
    const known = this.known.get(text);
    if (known) return known;
    const read = readPlainHead(text, this.targets, this.maxBodyBytes);
    // One with a trace in it does not come again.
    if (!read || read.head.traceparent !== undefined) return read;
    if (this.known.size >= MAX_REMEMBERED) this.known.clear();
    this.known.set(text, read);
    return read;
  }
}

/** Names, in small letters, and values; undefined when there is one that is not plain. */
function readFields(text: string, begin: number): string[] | undefined {
  const raw: string[] = [];
  FIELD.lastIndex = begin;
  for (let at = begin; at < text.length - 2; at = FIELD.lastIndex) {
    const [, given = '', padded = ''] = FIELD.exec(text) ?? [];
    const [name, value] = [given.toLowerCase(), padded.trimEnd()];
    if (name === '' || FRAMING.test(name)) return undefined;
    if (name === 'connection' && value.toLowerCase() !== 'keep-alive') return undefined;
    raw.push(name, value);
  }
  return raw;
}
