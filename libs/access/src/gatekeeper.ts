import { ServiceError } from '@baton/service';
import { counter, createLogger } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { authorize, type Caller } from './caller.js';
import { authenticateRequest, type RequestHeaders } from './credentials.js';
import { KeyRing } from './key-ring.js';
import type { Permission } from './permissions.js';

const logger = createLogger('access');
const denials = counter('access_denied_total', 'Requests that were not let in', ['reason']);

/** What was found out about the last request of a connection. */
interface Memo {
  readonly authorization: string;
  readonly permission: Permission;
  readonly caller: Caller;
  /** Of the key ring, at that time. */
  readonly epoch: number;
  /** When the key expires, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Lets in who has a permission, counts whom it does not, and tells of those that have a key. */
@Injectable()
export class Gatekeeper {
  private readonly memos = new WeakMap<object, Memo>();

  constructor(private readonly keys: KeyRing) {}

  /** @throws ServiceError `unauthenticated` (401; the answer needs `WWW-Authenticate`), `forbidden` (403) */
  letIn(headers: RequestHeaders, permission: Permission): Caller {
    let caller: Caller | undefined;
    try {
      caller = authenticateRequest(this.keys, headers);
      authorize(caller, permission);
      return caller;
    } catch (error) {
      refused(error, permission, caller?.keyId);
      throw error;
    }
  }

  /**
   * The same for a connection that is kept: what presents the same key again is not hashed again, until any key
   * changes.
   */
  letInOn(connection: object, authorization: string | undefined, permission: Permission): Caller {
    const memo = this.memos.get(connection);
    const { epoch } = this.keys;
    if (memo?.authorization === authorization && memo?.epoch === epoch && memo.permission === permission) {
      if (Date.now() < memo.expiresAt) return memo.caller;
    }
    const caller = this.letIn(authorization === undefined ? {} : { authorization }, permission);
    if (authorization !== undefined) {
      const expiresAt = this.keys.expiryOf(caller.keyId);
      this.memos.set(connection, { authorization, permission, caller, epoch, expiresAt });
    }
    return caller;
  }
}

function refused(error: unknown, permission: Permission, keyId: string | undefined): void {
  const reason = error instanceof ServiceError ? error.code : 'failed';
  denials.inc({ reason });
  const fields = { reason, permission, caller: keyId };
  // Anybody can knock without a key, as often as they like: that must not fill the log.
  if (keyId === undefined) logger.debug('not let in', fields);
  else logger.info('not let in', fields);
}
