import { ServiceError } from '@baton/service';

/** What is used of a call. */
export interface TimedCall {
  isCancelled(): boolean;
  getDeadline(): Date | number;
}

/**
 * Until when a call is worth an answer, by the process's own clock; undefined without a limit.
 * @param now by that clock
 * @throws ServiceError 504 for one that nobody waits for any more
 */
export function deadlineOf(call: TimedCall, now: number): number | undefined {
  const end = call.getDeadline();
  const leftMs = (typeof end === 'number' ? end : end.getTime()) - Date.now();
  if (call.isCancelled() || leftMs <= 0) throw tooLate();
  return Number.isFinite(leftMs) ? now + leftMs : undefined;
}

function tooLate(): ServiceError {
  return new ServiceError('timeout', 'the deadline of the call had passed before it was run', { status: 504 });
}
