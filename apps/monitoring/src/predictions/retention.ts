const DAY_MS = 86_400_000;

/** Records received before this time may be deleted. */
export function retentionLimit(now: Date, days: number): Date {
  return new Date(now.getTime() - days * DAY_MS);
}
