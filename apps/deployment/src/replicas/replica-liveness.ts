/** What is known of how a replica is. */
export interface ReplicaSighting {
  readonly leaving: boolean;
  readonly lastSeen: Date;
}

/** True for a replica that has reported lately and has not said goodbye. */
export function isAlive({ leaving, lastSeen }: ReplicaSighting, now: Date, staleAfterMs: number): boolean {
  return !leaving && now.getTime() - lastSeen.getTime() <= staleAfterMs;
}

/**
 * When a report counts as seen. Its own time, not that of its arrival: a backlog of old reports revives nobody. A clock
 * that runs ahead is cut off at now, or its replica would outlive its death.
 */
export function seenAt(reportedAt: string, now: Date): Date {
  const reported = new Date(reportedAt);
  return reported < now ? reported : now;
}
