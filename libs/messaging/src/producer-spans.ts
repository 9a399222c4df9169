import { withSpan, type TraceHeaders } from '@baton/telemetry';

/** What a producer span tells of a record (OpenTelemetry semantic conventions, messaging, Kafka). */
export interface SpanSubject {
  topic: string;
  key: string;
  /** The span that said the event; the producer span is its child. */
  parent: TraceHeaders;
}

/**
 * Sends records, each under a producer span that lasts until all are acknowledged.
 * @param send gets the trace headers of each record's own span, in order
 */
export async function underProducerSpans(
  subjects: readonly SpanSubject[],
  send: (headers: TraceHeaders[]) => Promise<void>,
): Promise<void> {
  const sent = Promise.withResolvers<void>();
  // Spans hear of a failure, the caller throws it; without spans nobody else would listen.
  sent.promise.catch(() => undefined);
  const spans: Promise<void>[] = [];
  const headers = await Promise.all(
    subjects.map((subject) => {
      if (!isSampled(subject.parent)) return Promise.resolve(subject.parent);
      const opened = Promise.withResolvers<TraceHeaders>();
      spans.push(
        withSpan(
          `send ${subject.topic}`,
          { kind: 'producer', parent: subject.parent, attributes: of(subject) },
          (span) => {
            opened.resolve({ ...subject.parent, ...span.headers() });
            return sent.promise;
          },
        ),
      );
      return opened.promise;
    }),
  );
  try {
    await send(headers);
    sent.resolve();
  } catch (error) {
    sent.reject(error);
    throw error;
  } finally {
    await Promise.allSettled(spans);
  }
}

/** The last field of a traceparent is its flags; bit 0 says sampled (W3C Trace Context §3.2.2.5). */
export function isSampled({ traceparent }: TraceHeaders): boolean {
  return traceparent !== undefined && (Number.parseInt(traceparent.slice(-2), 16) & 1) === 1;
}

function of({ topic, key }: SpanSubject): Record<string, string> {
  return {
    'messaging.system': 'kafka',
    'messaging.operation.name': 'send',
    'messaging.operation.type': 'send',
    'messaging.destination.name': topic,
    'messaging.kafka.message.key': key,
  };
}
