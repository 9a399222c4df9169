/** A span as it was exported. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: SpanKindName;
  /** `service.name` of its resource. */
  readonly service: string;
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly failed: boolean;
}

type SpanKindName = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const STATUS_ERROR = 2;

/** By the number of opentelemetry-proto. */
export function kindOf(number: number): SpanKindName {
  return kinds[number] ?? 'internal';
}

export function isFailure(statusCode: number | undefined): boolean {
  return statusCode === STATUS_ERROR;
}
