import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Caller } from './caller.js';

/** Who was let in, by request (HTTP) or metadata (gRPC): kept beside the object, not on it. */
const callers = new WeakMap<object, Caller>();

/** What stands for the request: the HTTP request, or the metadata of a gRPC call. */
export function requestOf(context: ExecutionContext): object {
  return context.getType() === 'http'
    ? context.switchToHttp().getRequest<object>()
    : context.switchToRpc().getContext<object>();
}

export function rememberCaller(request: object, caller: Caller): void {
  callers.set(request, caller);
}

export function callerOf(request: object): Caller | undefined {
  return callers.get(request);
}

/** The caller that the guard let in, as a parameter of a handler with `@Requires`. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = callerOf(requestOf(context));
  if (!caller) throw new Error('@CurrentCaller() on a route that no caller passed: it needs @Requires');
  return caller;
});
