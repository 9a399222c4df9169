import { describe, expect, it } from 'vitest';
import { Readiness } from './readiness.js';

describe('readiness', () => {
  it('is given without checks', async () => {
    expect(await new Readiness().missing()).toEqual({});
  });

  it('names every part that is not well, also one whose check fails', async () => {
    const readiness = new Readiness();
    readiness.add('well', () => undefined);
    readiness.add('database', () => Promise.resolve('no answer'));
    readiness.add('consumer', () => Promise.reject(new Error('died')));
    expect(await readiness.missing()).toEqual({ database: 'no answer', consumer: 'died' });
  });

  it('is gone for good once the service stops', async () => {
    const readiness = new Readiness();
    readiness.drain();
    expect(await readiness.missing()).toEqual({ service: 'stopping' });
  });
});
