import { ServiceError } from '@baton/service';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';

const FORM = /^(\d{1,8})([HMSmun])$/;
const unitMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };
/** Timers take no more. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Milliseconds of a `grpc-timeout` ("gRPC over HTTP/2", Timeout); undefined for one that is not of its form. */
export function readTimeout(text: string): number | undefined {
  const [, amount, unit = ''] = FORM.exec(text) ?? [];
  const ms = unitMs[unit];
  return amount === undefined || ms === undefined ? undefined : Number(amount) * ms;
}

/**
 * Watches over the time that a call has.
 * @param late hears of its end, if the call is still there, with a 504
 * @returns when it ends, in milliseconds since the epoch
 */
export function limitTime(
  stream: ServerHttp2Stream,
  { 'grpc-timeout': timeout }: IncomingHttpHeaders,
  late: (error: ServiceError) => void,
): number {
  const timeoutMs = timeout === undefined ? undefined : readTimeout(String(timeout));
  if (timeoutMs === undefined) return Infinity;
  const timer = setTimeout(() => late(tooLate()), Math.min(timeoutMs, MAX_TIMER_MS));
  stream.on('close', () => clearTimeout(timer));
  return Date.now() + timeoutMs;
}

function tooLate(): ServiceError {
  return new ServiceError('timeout', 'the deadline of the call passed before it was answered', { status: 504 });
}
