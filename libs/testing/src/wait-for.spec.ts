import { describe, expect, it } from 'vitest';
import { waitFor } from './wait-for.js';

describe('waiting for something', () => {
  it('ends with the first answer that is not undefined', async () => {
    const answers = [undefined, undefined, 0, 1];
    await expect(waitFor(() => answers.shift())).resolves.toBe(0);
    expect(answers).toEqual([1]);
  });

  it('goes on after an error of the probe', async () => {
    let tries = 0;
    const probe = () => {
      tries += 1;
      return tries < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve('there');
    };
    await expect(waitFor(probe)).resolves.toBe('there');
  });

  it('tells what did not come, and the last error', async () => {
    const waiting = waitFor(() => Promise.reject(new Error('connection refused')), {
      timeoutMs: 30,
      what: () => 'answer of the server',
    });
    await expect(waiting).rejects.toThrow('after 30 ms still no answer of the server (connection refused)');
  });
});
