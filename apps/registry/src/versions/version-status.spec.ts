import { versionStatuses } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import { canMove } from './version-status.js';

describe('a version', () => {
  it('is decided once, from registered, and ends in the archive', () => {
    const moves = versionStatuses.flatMap((from) =>
      versionStatuses.filter((to) => canMove(from, to)).map((to) => `${from} → ${to}`),
    );
    expect(moves).toEqual([
      'registered → approved',
      'registered → rejected',
      'approved → archived',
      'rejected → archived',
    ]);
  });
});
