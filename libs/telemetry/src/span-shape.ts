import { ProtoWriter } from './proto-writer.js';
import { writeAttribute, type SpanAttributes } from './span-attributes.js';

/** Field numbers of a Span (opentelemetry-proto, trace/v1). */
export const SPAN = {
  traceId: 1,
  spanId: 2,
  traceState: 3,
  parent: 4,
  name: 5,
  kind: 6,
  start: 7,
  end: 8,
  attributes: 9,
  links: 13,
  status: 15,
};
/** Where the spans are in ScopeSpans. */
export const SPANS = 2;
const kinds = { internal: 1, server: 2, producer: 4 } as const;

/** From the first byte of a span's fields to what differs between spans. */
export const AT = { traceId: 2, spanId: 20, start: 29, end: 38, parent: 48 };
const MAX_TEMPLATE = 6144;

export interface SpanOfShape {
  readonly name: string;
  /** Default: `server` for the first, `internal` for the others. */
  readonly kind?: keyof typeof kinds;
  readonly attributes?: SpanAttributes;
}

declare const opaque: unique symbol;
/** The spans of a kind of request, encoded but for ids and times. Made by {@link spanShape}. */
export interface SpanShape {
  readonly [opaque]: true;
}

export class SpanTemplate {
  declare readonly [opaque]: true;
  /** The children, then the server span. */
  readonly bytes: Uint8Array;
  /** Where the fields of each span begin, in the order in which times are given. */
  readonly bodies: readonly number[];

  constructor(spans: readonly SpanOfShape[]) {
    const [server, ...children] = spans;
    if (!server) throw new Error('a request has a span at least');
    const writer = new ProtoWriter(64 * 1024);
    const bodies = children.map((child) => {
      const body = writer.open(SPANS);
      const isMoved = writeSpan(writer, body, child, 'internal');
      return isMoved ? body + 1 : body;
    });
    // Its last fields come with the request, so its length takes two bytes in every case.
    const body = writer.open(SPANS) + 1;
    writer.at = body;
    writeFields(writer, server, 'server', false);
    if (writer.at > MAX_TEMPLATE) throw new Error(`the spans of a request take at most ${MAX_TEMPLATE} bytes`);
    this.bytes = new Uint8Array(writer.bytes.subarray(0, writer.at));
    this.bodies = [body, ...bodies];
  }
}

/**
 * Encodes the spans of a kind of request, once. The first is the request's own server span, the others are its
 * children, in the order in which their times are given.
 * @throws Error when they take more than 6 KiB
 */
export function spanShape(spans: readonly SpanOfShape[]): SpanShape {
  return new SpanTemplate(spans);
}

/** @returns whether the fields moved up by a byte, to make room for their length */
function writeSpan(writer: ProtoWriter, body: number, span: SpanOfShape, kind: 'internal'): boolean {
  writeFields(writer, span, kind, true);
  const end = writer.at;
  writer.close(body);
  return writer.at > end;
}

function writeFields(writer: ProtoWriter, span: SpanOfShape, kind: keyof typeof kinds, hasParent: boolean): void {
  const traceId = writer.open(SPAN.traceId);
  writer.at += 16;
  writer.close(traceId);
  writer.id(SPAN.spanId, 0, 0);
  writer.fixed64(SPAN.start, 0, 0);
  writer.fixed64(SPAN.end, 0, 0);
  if (hasParent) writer.id(SPAN.parent, 0, 0);
  writer.text(SPAN.name, span.name);
  writer.integer(SPAN.kind, kinds[span.kind ?? kind]);
  for (const [key, value] of Object.entries(span.attributes ?? {})) {
    writeAttribute(writer, SPAN.attributes, key, value);
  }
}
