import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { isRoute, ruleOf } from './route-rules.js';

/** Thrown at the start of a service when a route does not say who may use it. */
export class UndeclaredRouteError extends Error {
  override readonly name = 'UndeclaredRouteError';

  constructor(readonly routes: readonly string[]) {
    super(`each of these needs either @Requires or @Public: ${routes.join(', ')}`);
  }
}

/** Refuses to start a service with a route that nobody thought of guarding. */
@Injectable()
export class RouteCheck implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** @throws UndeclaredRouteError */
  onModuleInit(): void {
    const undeclared = this.discovery.getControllers().flatMap(({ metatype }) => {
      return typeof metatype === 'function' ? this.undeclaredOf(metatype) : [];
    });
    if (undeclared.length > 0) throw new UndeclaredRouteError(undeclared);
  }

  private undeclaredOf(controller: NewableFunction): string[] {
    const prototype = controller.prototype as Record<string, object>;
    return this.scanner
      .getAllMethodNames(prototype)
      .filter((name) => {
        const handler = prototype[name];
        if (!handler || !isRoute(handler)) return false;
        const rule = ruleOf(handler, controller);
        return rule === 'none' || rule === 'both';
      })
      .map((name) => `${controller.name}.${name}`);
  }
}
