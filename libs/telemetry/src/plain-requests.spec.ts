import { createServer, Server, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leavePlain } from './plain-requests.js';

type Emit = (this: Server, event: string, ...args: unknown[]) => boolean;

/** Puts itself around `emit` as the instrumentation does. */
function instrument(seen: string[]): () => void {
  const prototype = Server.prototype as { emit: Emit };
  const original = prototype.emit;
  const wrapped: Emit = function (event, ...args) {
    if (event === 'request') seen.push((args[0] as IncomingMessage).url ?? '');
    return original.call(this, event, ...args);
  };
  prototype.emit = Object.assign(wrapped, { __original: original });
  return () => {
    prototype.emit = original;
  };
}

describe('requests that are left plain', () => {
  const server = createServer((_request, response) => void response.end('ok'));
  const ask = async (path: string) =>
    (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`)).text();

  beforeAll(() => new Promise<void>((done) => void server.listen(0, '127.0.0.1', done)));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('go around the instrumentation, all others through it, until that is undone', async () => {
    const seen: string[] = [];
    const remove = instrument(seen);
    const undo = leavePlain(({ url }) => url === '/own');
    try {
      expect([await ask('/own'), await ask('/other')]).toEqual(['ok', 'ok']);
      expect(seen).toEqual(['/other']);
      undo();
      await ask('/own');
      expect(seen).toEqual(['/other', '/own']);
    } finally {
      remove();
    }
  });

  it('need nothing where there is no instrumentation', () => {
    const { emit } = Server.prototype as { emit: Emit };
    leavePlain(() => true)();
    expect((Server.prototype as { emit: Emit }).emit).toBe(emit);
  });
});
