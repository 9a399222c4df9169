import type { MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';

/** Thrown when a handler takes longer than it may; counts as a failed try. */
export class HandlerTimeoutError extends Error {
  override readonly name = 'HandlerTimeoutError';
}

/** Thrown when work ends before it is done because the service stops or the partition went elsewhere. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/** Runs one of Nest's handlers to its end. */
export async function callHandler(handler: MessageHandler, data: unknown, context: unknown): Promise<void> {
  const result: unknown = await handler(data, context);
  if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
}

/**
 * Waits for work no longer than it may take. The work itself can't be ended from outside, so it gets a signal; whoever
 * ignores it goes on without effect, since its transaction is rolled back.
 */
export async function withDeadline(
  work: (signal: AbortSignal) => Promise<void>,
  timeoutMs: number,
  stop: AbortSignal,
): Promise<void> {
  const late = new AbortController();
  const signal = AbortSignal.any([late.signal, stop]);
  const ended = Promise.withResolvers<never>();
  const onAbort = () => {
    ended.reject(stop.aborted ? new StoppedError() : (late.signal.reason as Error));
  };
  if (stop.aborted) throw new StoppedError();
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => {
    late.abort(new HandlerTimeoutError(`the handler took longer than ${timeoutMs} ms`));
  }, timeoutMs);
  try {
    await Promise.race([work(signal), ended.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
