import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger, setLogLevel } from './logger.js';
import { NestLogger } from './nest-logger.js';

/** What is written to stdout while the work runs, by lines. */
function linesOf(work: () => void): Record<string, unknown>[] {
  const written: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  work();
  write.mockRestore();
  const lines = written.join('').split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

beforeEach(() => setLogLevel('info'));
afterEach(() => setLogLevel('info'));

describe('the log', () => {
  it('is one JSON object a line, whatever the message holds', () => {
    const [line, ...others] = linesOf(() => createLogger('test').warn('two\nlines', { size: 3 }));
    expect(others).toEqual([]);
    expect(line).toMatchObject({ level: 'warn', logger: 'test', message: 'two\nlines', size: 3 });
    expect(new Date(String(line?.['time'])).getTime()).toBeCloseTo(Date.now(), -4);
  });

  it('leaves out what is below its level', () => {
    const log = createLogger('test');
    const speak = () => (['debug', 'info', 'warn', 'error'] as const).forEach((level) => log[level](level));
    expect(linesOf(speak).map(({ message }) => message)).toEqual(['info', 'warn', 'error']);
    setLogLevel('error');
    expect(linesOf(speak).map(({ message }) => message)).toEqual(['error']);
  });

  it('keeps secrets out of messages and fields', () => {
    const lines = linesOf(() =>
      createLogger('test').info('postgres://u:hush@h', { token: 'hush', at: 'a://u:hush@h' }),
    );
    expect(JSON.stringify(lines)).not.toContain('hush');
  });

  it('keeps a field that is called like one of its own', () => {
    const [line] = linesOf(() => createLogger('test').info('state', { level: 9, service: 'other' }));
    expect(line).toMatchObject({ level: 'info', level_: 9, service_: 'other' });
  });

  it('does not throw for fields that cannot be read', () => {
    const trap = {
      get boom(): string {
        throw new Error('trap');
      },
    };
    const [line] = linesOf(() => createLogger('test').error('still told', { trap }));
    expect(line).toMatchObject({ message: 'still told', unreadable: 'trap' });
  });
});

describe("Nest's messages", () => {
  it('have the name of the part that speaks, and are for debugging', () => {
    setLogLevel('debug');
    const [line] = linesOf(() => new NestLogger().log('Mapped {/livez, GET} route', 'RouterExplorer'));
    expect(line).toMatchObject({ level: 'debug', logger: 'RouterExplorer' });
  });

  it('tell errors with their stack', () => {
    const nest = new NestLogger();
    const [thrown, told] = linesOf(() => {
      nest.error(new Error('broken'), 'stack', 'Injector');
      nest.fatal('broken', 'Error: broken\n    at x', 'Injector');
    });
    expect(thrown).toMatchObject({ level: 'error', message: 'broken', error: { message: 'broken' } });
    expect(told).toMatchObject({ level: 'error', logger: 'Injector', stack: 'Error: broken\n    at x' });
  });
});
