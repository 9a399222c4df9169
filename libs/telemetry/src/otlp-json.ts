import { isFailure, kindOf, type ReceivedSpan } from './received-span.js';

interface OtlpValue {
  stringValue?: string;
  intValue?: string | number;
  doubleValue?: number;
  boolValue?: boolean;
}

interface OtlpAttribute {
  key: string;
  value: OtlpValue;
}

interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind?: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: OtlpAttribute[];
  links?: { traceId: string; spanId: string }[];
  status?: { code?: number };
}

interface OtlpTraces {
  resourceSpans?: { resource?: { attributes?: OtlpAttribute[] }; scopeSpans?: { spans?: OtlpSpan[] }[] }[];
}

/** The spans of an ExportTraceServiceRequest in JSON (opentelemetry-proto, trace/v1). @throws when it is none */
export function toSpans(body: unknown): ReceivedSpan[] {
  if (typeof body !== 'object' || body === null || !('resourceSpans' in body)) {
    throw new Error('the body is no ExportTraceServiceRequest in JSON');
  }
  return ((body as OtlpTraces).resourceSpans ?? []).flatMap((group) => {
    const name = toRecord(group.resource?.attributes)['service.name'];
    const service = typeof name === 'string' ? name : 'unknown';
    return (group.scopeSpans ?? []).flatMap((scope) => (scope.spans ?? []).map((span) => toSpan(span, service)));
  });
}

function toSpan(span: OtlpSpan, service: string): ReceivedSpan {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId ? { parentSpanId: span.parentSpanId } : {}),
    name: span.name,
    kind: kindOf(span.kind ?? 0),
    service,
    startMs: Number(span.startTimeUnixNano) / 1e6,
    endMs: Number(span.endTimeUnixNano) / 1e6,
    attributes: toRecord(span.attributes),
    links: (span.links ?? []).map(({ traceId, spanId }) => ({ traceId, spanId })),
    failed: isFailure(span.status?.code),
  };
}

function toRecord(attributes: readonly OtlpAttribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, toValue(value)]));
}

function toValue(value: OtlpValue): unknown {
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.doubleValue ?? value.boolValue;
}
