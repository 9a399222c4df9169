import { ServiceError } from '@baton/service';
import { counter, createLogger } from '@baton/telemetry';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { authorize, type Caller } from './caller.js';
import { authenticateRequest, CHALLENGE, type RequestHeaders } from './credentials.js';
import { callerOf, rememberCaller, requestOf } from './current-caller.js';
import { KeyRing } from './key-ring.js';
import type { Permission } from './permissions.js';
import { isEventHandler, ruleOf } from './route-rules.js';

const logger = createLogger('access');
const denials = counter('access_denied_total', 'Requests that were not let in', ['reason']);

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
  constructor(private readonly keys: KeyRing) {}

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
    let caller: Caller | undefined;
    try {
      caller = authenticateRequest(this.keys, headersOf(request));
      authorize(caller, permission);
    } catch (error) {
      this.refused(context, error, { permission, keyId: caller?.keyId });
      throw error;
    }
    rememberCaller(request, caller);
    return true;
  }

  private refused(context: ExecutionContext, error: unknown, what: { permission: Permission; keyId?: string }): void {
    const reason = error instanceof ServiceError ? error.code : 'failed';
    denials.inc({ reason });
    const fields = { reason, permission: what.permission, caller: what.keyId };
    // Anybody can knock without a key, as often as they like: that must not fill the log.
    if (what.keyId === undefined) logger.debug('not let in', fields);
    else logger.info('not let in', fields);
    if (reason === 'unauthenticated' && context.getType() === 'http') {
      context.switchToHttp().getResponse<Reply>().header('WWW-Authenticate', CHALLENGE);
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
