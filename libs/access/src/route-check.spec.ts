import { Public } from '@baton/service';
import { Controller, Get, Module, Post, type Type } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { EventPattern, GrpcMethod } from '@nestjs/microservices';
import { describe, expect, it } from 'vitest';
import { Gatekeeper } from './gatekeeper.js';
import { KeyRing } from './key-ring.js';
import { Requires } from './requires.js';
import { RouteCheck } from './route-check.js';

@Controller()
class Declared {
  @Get('a')
  @Requires('models:read')
  read() {}

  @Public()
  @Get('b')
  health() {}

  @EventPattern<string>('model.approved')
  approved() {}

  notARoute() {}
}

@Requires('models:read')
@Controller()
class DeclaredOnController {
  @Get()
  read() {}
}

@Controller()
class UndeclaredHttp {
  @Get('a')
  read() {}

  @Post('b')
  @Requires('models:write')
  write() {}
}

@Controller()
class UndeclaredGrpc {
  @GrpcMethod('Inference', 'Infer')
  infer() {}
}

class Inherited extends UndeclaredHttp {}
Controller()(Inherited);

@Controller()
class Contradictory {
  @Get()
  @Public()
  @Requires('keys:manage')
  read() {}
}

/** Starts an application with the controllers. */
async function start(...controllers: Type[]): Promise<void> {
  class App {}
  Module({ imports: [DiscoveryModule], controllers, providers: [RouteCheck, KeyRing, Gatekeeper] })(App);
  const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
  await app.close();
}

describe('a service', () => {
  it('starts when each route says who may use it', async () => {
    await expect(start(Declared, DeclaredOnController)).resolves.toBeUndefined();
  });

  it.each([
    ['an HTTP route', UndeclaredHttp, 'UndeclaredHttp.read'],
    ['a gRPC method', UndeclaredGrpc, 'UndeclaredGrpc.infer'],
    ['an inherited route', Inherited, 'Inherited.read'],
    ['a route that is said to be both', Contradictory, 'Contradictory.read'],
  ])('does not start with %s of which it is not clear', async (_, controller, route) => {
    await expect(start(Declared, controller)).rejects.toMatchObject({ name: 'UndeclaredRouteError', routes: [route] });
  });
});
