/** A stretch of event time: `start` belongs to it, `end` doesn't. */
export interface WindowBounds {
  start: Date;
  end: Date;
}

/** The window that holds a time. `length` is an endpoint's policy: seconds, counted from 1970, or `month` in UTC. */
export function windowOf(time: Date, length: string): WindowBounds {
  if (length === 'month') {
    const [year, month] = [time.getUTCFullYear(), time.getUTCMonth()];
    return { start: new Date(Date.UTC(year, month)), end: new Date(Date.UTC(year, month + 1)) };
  }
  const lengthMs = Number(length) * 1000;
  const start = Math.floor(time.getTime() / lengthMs) * lengthMs;
  return { start: new Date(start), end: new Date(start + lengthMs) };
}
