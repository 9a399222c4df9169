import { of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { callHandler, HandlerTimeoutError, StoppedError, withDeadline } from './handler-call.js';

const never = () => new Promise<void>(() => undefined);

describe('callHandler', () => {
  it('ends with the stream that Nest makes of a handler', async () => {
    await expect(callHandler(() => Promise.resolve(of(1, 2)), {}, {})).resolves.toBeUndefined();
  });

  it('throws what the handler threw', async () => {
    const failing = () => Promise.resolve(throwError(() => new RangeError('no')));

    await expect(callHandler(failing, {}, {})).rejects.toThrow(RangeError);
  });
});

describe('withDeadline', () => {
  it('gives up on work that hangs, and tells it', async () => {
    let told: AbortSignal | undefined;
    const hanging = withDeadline(
      (signal) => {
        told = signal;
        return never();
      },
      5,
      new AbortController().signal,
    );

    await expect(hanging).rejects.toThrow(HandlerTimeoutError);
    expect(told?.aborted).toBe(true);
  });

  it('is stopped, which is no failure of the handler', async () => {
    const stop = new AbortController();
    const stopped = withDeadline(never, 60_000, stop.signal);
    stop.abort();

    await expect(stopped).rejects.toThrow(StoppedError);
  });

  it('does not start after the stop', async () => {
    const stop = new AbortController();
    stop.abort();
    let started = false;
    const run = () => {
      started = true;
      return Promise.resolve();
    };

    await expect(withDeadline(run, 60_000, stop.signal)).rejects.toThrow(StoppedError);
    expect(started).toBe(false);
  });
});
