import { ProtoWriter } from './proto-writer.js';
import { writeAttribute, type SpanAttributes } from './span-attributes.js';

/** Field numbers of ExportTraceServiceRequest and below (opentelemetry-proto, collector/trace/v1 and trace/v1). */
export const REQUEST = { resourceSpans: 1 };
export const RESOURCE_SPANS = { resource: 1, scopeSpans: 2 };
export const RESOURCE = { attributes: 1 };
const SCOPE_SPANS = { scope: 1 };
const SCOPE = { name: 1 };
const LENGTH = 2;
const MAX_RESOURCE = 64 * 1024;
const MAX_LENGTHS = 16;

/** What an export begins with: the resource and the scope that all spans of this process have. */
export class SpanEnvelope {
  private readonly resource: Buffer;
  private readonly scope: Buffer;

  constructor(resource: SpanAttributes, scope: string) {
    this.resource = encoded((writer) => {
      const start = writer.open(RESOURCE_SPANS.resource);
      for (const [key, value] of Object.entries(resource)) writeAttribute(writer, RESOURCE.attributes, key, value);
      writer.close(start);
    });
    this.scope = encoded((writer) => {
      const start = writer.open(SCOPE_SPANS.scope);
      writer.text(SCOPE.name, scope);
      writer.close(start);
    });
  }

  /** What comes before so many bytes of spans. */
  head(spanBytes: number): Buffer {
    const scopeLength = this.scope.length + spanBytes;
    const scopeHead = encoded((writer) => writeHead(writer, RESOURCE_SPANS.scopeSpans, scopeLength), MAX_LENGTHS);
    const length = this.resource.length + scopeHead.length + scopeLength;
    const head = encoded((writer) => writeHead(writer, REQUEST.resourceSpans, length), MAX_LENGTHS);
    return Buffer.concat([head, this.resource, scopeHead, this.scope]);
  }
}

function writeHead(writer: ProtoWriter, field: number, length: number): void {
  writer.varint((field << 3) | LENGTH);
  writer.varint(length);
}

function encoded(write: (writer: ProtoWriter) => void, size = MAX_RESOURCE): Buffer {
  const writer = new ProtoWriter(size);
  write(writer);
  return Buffer.from(writer.bytes.subarray(0, writer.at));
}
