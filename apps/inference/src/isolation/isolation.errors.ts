import { ServiceError } from '@baton/service';

/** Thrown when a model's process ends: the loading fails for it, or the run that was on its way. */
export class ChildEndedError extends Error {
  override readonly name = 'ChildEndedError';

  /** @param reason a word of a small vocabulary: `timeout`, `protocol`, `exit`, `spawn`, or the signal's name */
  constructor(readonly reason: string) {
    super(`the model's process has ended: ${reason}`);
  }
}

/** Thrown for the run that a model's process died of, and for what cannot wait until it is back. */
export function modelCrashed(name: string, reason: string, waitMs: number): ServiceError {
  const detail = `the process of the model ${name} has ended (${reason}) and is being started again`;
  return new ServiceError('model-crashed', detail, {
    status: 503,
    retriable: true,
    retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
  });
}

/** Thrown for the run that was ended; repeating it would end so again. */
export function runTimedOut(name: string, timeoutMs: number): ServiceError {
  const detail = `a run of the model ${name} did not end within ${timeoutMs} ms and was stopped`;
  return new ServiceError('timeout', detail, { status: 504 });
}

export function waitTimedOut(timeoutMs: number): ServiceError {
  const detail = `the request waited for its run for more than ${timeoutMs} ms`;
  return new ServiceError('timeout', detail, { status: 504, retriable: true });
}

export function overloaded(): ServiceError {
  const detail = 'too many requests wait for this model; try again soon';
  return new ServiceError('overloaded', detail, { status: 503, retriable: true, retryAfterSeconds: 1 });
}

export function tensorsTooLarge(maxBytes: number): ServiceError {
  return new ServiceError('too-large', `the inputs have more than ${maxBytes} bytes`, { status: 413 });
}

/** Thrown for the run that the runtime gave up for want of memory; the process has survived it. */
export function memoryExceeded(name: string, memoryMb: number, cause: Error): ServiceError {
  const detail = `on these inputs the model ${name} takes more than the ${memoryMb} MB that it may`;
  return new ServiceError('memory-exceeded', detail, { status: 413, cause });
}

/** Thrown for what still waits when a model is given up. */
export function modelReleased(name: string): ServiceError {
  const detail = `the model ${name} is no longer served here`;
  return new ServiceError('not-loaded', detail, { status: 503, retriable: true, retryAfterSeconds: 1 });
}
