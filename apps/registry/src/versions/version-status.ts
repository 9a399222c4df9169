import type { VersionStatus } from '@baton/contracts';

/** Where a version may go from each status. */
const transitions = {
  registered: ['approved', 'rejected'],
  approved: ['archived'],
  rejected: ['archived'],
  archived: [],
} as const satisfies Record<VersionStatus, readonly VersionStatus[]>;

export function canMove(from: VersionStatus, to: VersionStatus): boolean {
  const next: readonly VersionStatus[] = transitions[from];
  return next.includes(to);
}
