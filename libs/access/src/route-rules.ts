import 'reflect-metadata';
import { IS_PUBLIC } from '@baton/service';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { PATTERN_HANDLER_METADATA } from '@nestjs/microservices/constants.js';
import { PatternHandler } from '@nestjs/microservices/enums/pattern-handler.enum.js';
import type { Permission } from './permissions.js';

/** Metadata key of the permission that a route or a controller declares. */
export const REQUIRES = 'baton:requires';

/** What a route declares: a permission, that it is open to everybody, or (a mistake) neither or both. */
export type RouteRule = { readonly permission: Permission } | 'public' | 'none' | 'both';

/** The rule of a route: its own, or else that of its controller. */
export function ruleOf(handler: object, controller: object): RouteRule {
  const own = declaredOn(handler);
  return own === 'none' ? declaredOn(controller) : own;
}

/** True for what answers somebody: an HTTP route or a gRPC method. */
export function isRoute(handler: object): boolean {
  return Reflect.hasMetadata(METHOD_METADATA, handler) || patternHandlerOf(handler) === PatternHandler.MESSAGE;
}

export function isEventHandler(handler: object): boolean {
  return patternHandlerOf(handler) === PatternHandler.EVENT;
}

function patternHandlerOf(handler: object): PatternHandler | undefined {
  return Reflect.getMetadata(PATTERN_HANDLER_METADATA, handler) as PatternHandler | undefined;
}

function declaredOn(target: object): RouteRule {
  const permission = Reflect.getMetadata(REQUIRES, target) as Permission | undefined;
  const isPublic = Reflect.getMetadata(IS_PUBLIC, target) === true;
  if (permission === undefined) return isPublic ? 'public' : 'none';
  return isPublic ? 'both' : { permission };
}
