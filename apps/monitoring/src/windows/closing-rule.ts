/** How far one partition of the log has been read. */
export interface PartitionProgress {
  /** Latest event time seen there for the endpoint. */
  watermark?: Date;
  /** Read to its end a moment ago. */
  atEnd: boolean;
}

export interface OpenWindow {
  /** End of the window and its endpoint's allowed lateness. */
  closesAt: Date;
  /** When something was last added. */
  touchedAt: Date;
  /** When it was closed before; undefined for the first time. */
  closedAt?: Date;
}

export interface ClosingClock {
  now: Date;
  /** How long nothing may have been added to a window that only the clock closes. */
  idleMs: number;
}

/** A window that late events keep trickling into is corrected at least this often. */
const CORRECTION_MS = 60_000;

/**
 * Whether a window may close: every partition has passed it in event time or, having been read to its end, has nothing
 * to add. When no partition has passed it (the last events of an endpoint), the clock decides: it stands after the
 * window's end and lateness, and nothing was added for a while. A closed window that got late events is corrected once
 * they pause. Closing too early is never wrong for good: what comes later makes the next revision.
 */
export function mayClose(
  window: OpenWindow,
  partitions: readonly PartitionProgress[],
  { now, idleMs }: ClosingClock,
): boolean {
  if (now < window.closesAt) return false;
  const hasPassed = ({ watermark }: PartitionProgress) => watermark !== undefined && watermark >= window.closesAt;
  if (!partitions.every((partition) => hasPassed(partition) || partition.atEnd)) return false;
  const isIdle = now.getTime() - window.touchedAt.getTime() >= idleMs;
  if (window.closedAt) return isIdle || now.getTime() - window.closedAt.getTime() >= CORRECTION_MS;
  return isIdle || partitions.some(hasPassed);
}

/** The event time that a prediction moves its partition's watermark to: a caller's future date closes nothing. */
export function watermarkOf({ eventTime, receivedAt }: { eventTime: string; receivedAt: string }): Date {
  return new Date(Math.min(Date.parse(eventTime), Date.parse(receivedAt)));
}
