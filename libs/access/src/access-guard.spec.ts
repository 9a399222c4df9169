import { Public } from '@baton/service';
import { Controller, Get, type Type } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { EventPattern, GrpcMethod } from '@nestjs/microservices';
import { describe, expect, it } from 'vitest';
import { AccessGuard } from './access-guard.js';
import { createAccessKey } from './access-key.js';
import { callerOf } from './current-caller.js';
import { Gatekeeper } from './gatekeeper.js';
import { KeyRing } from './key-ring.js';
import { Requires } from './requires.js';

@Requires('models:write')
@Controller()
class Models {
  @Get('own')
  @Requires('models:read')
  read() {}

  @Get('inherited')
  write() {}

  @Public()
  @Get('public')
  open() {}

  @EventPattern<string>('model.approved')
  approved() {}

  @GrpcMethod('Models', 'Write')
  call() {}
}

@Controller()
class Undeclared {
  @Get()
  read() {}

  @GrpcMethod('Undeclared', 'Read')
  call() {}
}

const keys = new KeyRing();
const { key, record } = createAccessKey({ name: 'Ada', roles: ['viewer'] });
keys.put(record);
const guard = new AccessGuard(new Gatekeeper(keys));
const authorization = `Bearer ${key}`;

function context(type: 'http' | 'rpc', controller: Type, method: string, args: object[]): ExecutionContextHost {
  const handler = (controller.prototype as Record<string, () => void>)[method] ?? (() => undefined);
  const host = new ExecutionContextHost(args, controller, handler);
  host.setType(type);
  return host;
}

/** What a request gets: true, or the code of the refusal. */
function http(controller: Type, method: string, request: object): unknown {
  return outcome(() => guard.canActivate(context('http', controller, method, [request, { header: () => undefined }])));
}

function rpc(controller: Type, method: string, metadata: object): unknown {
  return outcome(() => guard.canActivate(context('rpc', controller, method, [{}, metadata])));
}

function outcome(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

describe('the guard', () => {
  it.each([
    ['lets in by the permission of the route', Models, 'read', true],
    ['refuses by the permission of the controller', Models, 'write', 'forbidden'],
    ['lets in to a public route of a guarded controller', Models, 'open', true],
    ['refuses a route that declares nothing', Undeclared, 'read', 'forbidden'],
  ])('%s', (_, controller, method, expected) => {
    expect(http(controller, method, { headers: { authorization } })).toBe(expected);
  });

  it('remembers the caller for the handler, and nobody it refused', () => {
    const [welcome, refused] = [{ headers: { authorization } }, { headers: { authorization } }];
    http(Models, 'read', welcome);
    http(Models, 'write', refused);
    expect(callerOf(welcome)).toMatchObject({ keyId: record.id });
    expect(callerOf(refused)).toBeUndefined();
  });

  it('names the scheme in the answer to a request without a key', () => {
    const answered = new Map<string, string>();
    const reply = { header: (name: string, value: string) => answered.set(name, value) };
    outcome(() => guard.canActivate(context('http', Models, 'read', [{ headers: {} }, reply])));
    expect(answered.get('WWW-Authenticate')).toBe('Bearer realm="baton"');
  });
});

describe('of other transports the guard', () => {
  const metadata = (headers: Record<string, string>) => ({
    get: (name: string) => (headers[name] === undefined ? [] : [headers[name]]),
  });

  it('leaves handlers of events alone, even in a guarded controller', () => {
    expect(rpc(Models, 'approved', {})).toBe(true);
  });

  it.each([
    ['refuses a gRPC call without a key', Models, {}, 'unauthenticated'],
    ['refuses a gRPC call without the permission', Models, { authorization }, 'forbidden'],
    ['refuses a gRPC method that declares nothing', Undeclared, { authorization }, 'forbidden'],
  ])('%s', (_, controller, headers, expected) => {
    expect(rpc(controller, 'call', metadata(headers))).toBe(expected);
  });

  it('refuses a call whose metadata it cannot read', () => {
    expect(rpc(Models, 'call', {})).toBe('unauthenticated');
  });
});
