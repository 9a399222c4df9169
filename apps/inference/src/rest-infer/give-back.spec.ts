import { describe, expect, it } from 'vitest';
import { giveBack } from './give-back.js';

describe('giving memory back', () => {
  it('leaves nothing of large bytes', () => {
    const bytes = Buffer.alloc(1_000_000, 1);
    const before = process.memoryUsage().arrayBuffers;
    giveBack(bytes);
    expect(bytes.length).toBe(0);
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(before - 500_000);
  });

  it('spares what others may be reading', () => {
    const whole = Buffer.alloc(100_000, 1);
    giveBack(whole.subarray(0, 99_999));
    expect(whole.length).toBe(100_000);
    const pooled = Buffer.from('a short one');
    giveBack(pooled);
    expect(pooled.toString()).toBe('a short one');
  });
});
