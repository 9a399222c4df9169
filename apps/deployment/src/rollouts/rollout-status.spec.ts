import { deploymentStatuses } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import { canMove, isTerminal, liveStatuses } from './rollout-status.js';

describe('the way of a deployment', () => {
  it.each([
    ['requested', 'loading', true],
    ['requested', 'refused', true],
    ['requested', 'completed', false],
    ['loading', 'completed', true],
    ['loading', 'refused', true],
    ['loading', 'requested', false],
    ['completed', 'refused', false],
    ['refused', 'loading', false],
  ] as const)('from %s to %s: %s', (from, to, may) => {
    expect(canMove(from, to)).toBe(may);
  });

  it('ends where nothing follows', () => {
    expect(deploymentStatuses.filter(isTerminal)).toEqual(['completed', 'refused']);
  });

  it('holds the endpoint until then', () => {
    expect(liveStatuses).toEqual(['requested', 'loading']);
  });
});
