import { ServiceError } from '@baton/service';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { CHALLENGE, type RequestHeaders } from './credentials.js';
import { callerOf, rememberCaller, requestOf } from './current-caller.js';
import { Gatekeeper } from './gatekeeper.js';
import type { Permission } from './permissions.js';
import { isEventHandler, ruleOf } from './route-rules.js';

/** What is used of a Fastify reply. */
interface Reply {
  header(name: string, value: string): unknown;
}

/** What is used of the metadata of a gRPC call. */
interface CallMetadata {
  get(key: string): (string | Buffer)[];
}

/**
 * Lets in who has the permission that the route declares. It guards every HTTP route and, by `@Requires`, gRPC
 * methods; handlers of events act on what a service has published and are not guarded.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly gatekeeper: Gatekeeper) {}

  canActivate(context: ExecutionContext): boolean {
    const handler = context.getHandler();
    if (context.getType() !== 'http' && isEventHandler(handler)) return true;
    const rule = ruleOf(handler, context.getClass());
    if (rule === 'public') return true;
    if (typeof rule === 'object') return this.letIn(context, rule.permission);
    throw new ServiceError('forbidden', 'this route declares no permission', { status: 403 });
  }

  private letIn(context: ExecutionContext, permission: Permission): boolean {
    const request = requestOf(context);
    // The guard runs twice on HTTP routes: for the whole application, and for the route by @Requires.
    if (callerOf(request)) return true;
    try {
      rememberCaller(request, this.gatekeeper.letIn(headersOf(request), permission));
      return true;
    } catch (error) {
      const isUnknown = error instanceof ServiceError && error.code === 'unauthenticated';
      if (isUnknown && context.getType() === 'http') {
        context.switchToHttp().getResponse<Reply>().header('WWW-Authenticate', CHALLENGE);
      }
      throw error;
    }
  }
}

function headersOf(request: object): RequestHeaders {
  if ('headers' in request) return request.headers as RequestHeaders;
  if (!isCallMetadata(request)) return {};
  return { authorization: firstText(request, 'authorization'), 'x-api-key': firstText(request, 'x-api-key') };
}

function isCallMetadata(request: object): request is CallMetadata {
  return 'get' in request && typeof request.get === 'function';
}

function firstText(metadata: CallMetadata, key: string): string | undefined {
  return metadata.get(key)[0]?.toString();
}
