import { double, readAll, readFields, signed, type ProtoField } from './proto-reader.js';
import { isFailure, kindOf, type ReceivedSpan } from './received-span.js';
import { ANY_VALUE, KEY_VALUE, STATUS } from './span-attributes.js';
import { REQUEST, RESOURCE, RESOURCE_SPANS } from './span-envelope.js';
import { SPAN, SPANS } from './span-shape.js';

const LINK = { traceId: 1, spanId: 2 };
const NS_PER_MS = 1e6;

/** The spans of an ExportTraceServiceRequest in protocol buffers. @throws Error when it cannot be read */
export function toSpansOfProtobuf(body: Buffer): ReceivedSpan[] {
  return readAll(body, REQUEST.resourceSpans).flatMap((group) => {
    const resource = readAll(group, RESOURCE_SPANS.resource).flatMap((one) => readAll(one, RESOURCE.attributes));
    const name = toRecord(resource)['service.name'];
    const service = typeof name === 'string' ? name : 'unknown';
    const spans = readAll(group, RESOURCE_SPANS.scopeSpans).flatMap((scope) => readAll(scope, SPANS));
    return spans.map((span) => toSpan(span, service));
  });
}

function toSpan(message: Buffer, service: string): ReceivedSpan {
  const fields = [...readFields(message)];
  const last = (number: number) => fields.findLast((field) => field.number === number);
  const all = (number: number) => fields.filter((field) => field.number === number).map(({ bytes }) => bytes);
  const parentSpanId = hex(last(SPAN.parent));
  return {
    traceId: hex(last(SPAN.traceId)),
    spanId: hex(last(SPAN.spanId)),
    ...(parentSpanId ? { parentSpanId } : {}),
    name: text(last(SPAN.name)),
    kind: kindOf(Number(last(SPAN.kind)?.bits ?? 0n)),
    service,
    startMs: Number(last(SPAN.start)?.bits ?? 0n) / NS_PER_MS,
    endMs: Number(last(SPAN.end)?.bits ?? 0n) / NS_PER_MS,
    attributes: toRecord(all(SPAN.attributes)),
    links: all(SPAN.links).map(toLink),
    failed: all(SPAN.status).some((status) => isFailure(Number(fieldOf(status, STATUS.code)?.bits ?? 0n))),
  };
}

function toLink(link: Buffer): ReceivedSpan['links'][number] {
  return { traceId: hex(fieldOf(link, LINK.traceId)), spanId: hex(fieldOf(link, LINK.spanId)) };
}

function toRecord(attributes: readonly Buffer[]): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map((pair) => [text(fieldOf(pair, KEY_VALUE.key)), toValue(readAll(pair, KEY_VALUE.value).at(-1))]),
  );
}

function toValue(any: Buffer | undefined): unknown {
  const field = any && [...readFields(any)].at(-1);
  switch (field?.number) {
    case ANY_VALUE.string:
      return text(field);
    case ANY_VALUE.bool:
      return field.bits !== 0n;
    case ANY_VALUE.int:
      return signed(field.bits);
    case ANY_VALUE.double:
      return double(field.bits);
    default:
      return undefined;
  }
}

function fieldOf(message: Buffer, number: number): ProtoField | undefined {
  return [...readFields(message)].findLast((field) => field.number === number);
}

function hex(field: ProtoField | undefined): string {
  return field?.bytes.toString('hex') ?? '';
}

function text(field: ProtoField | undefined): string {
  return field?.bytes.toString('utf8') ?? '';
}
