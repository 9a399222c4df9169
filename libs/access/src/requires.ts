import { applyDecorators, SetMetadata, UseGuards } from '@nestjs/common';
import { AccessGuard } from './access-guard.js';
import type { Permission } from './permissions.js';
import { REQUIRES } from './route-rules.js';

/**
 * The permission that a route, or every route of a controller, needs. It brings its guard along, since the guards of
 * an application do not reach the gRPC methods of a hybrid one.
 */
export function Requires(permission: Permission): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(REQUIRES, permission), UseGuards(AccessGuard));
}
