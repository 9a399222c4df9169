import { timingSafeEqual } from 'node:crypto';
import type { AccessKey } from '@baton/contracts';
import { ServiceError } from '@baton/service';
import { Injectable } from '@nestjs/common';
import { hashSecret, parseAccessKey } from './access-key.js';
import type { Caller } from './caller.js';

interface HeldKey {
  readonly record: AccessKey;
  readonly hash: Buffer;
  /** Milliseconds since the epoch; NaN, for a time that cannot be read, counts as expired. */
  readonly expiresAt: number;
  readonly caller: Caller;
}

const NO_HASH = Buffer.alloc(32);

/**
 * The access keys that are good now, kept in memory so that a check needs nobody else. `KeyFollower` fills it from
 * the topic `access.key`.
 */
@Injectable()
export class KeyRing {
  private readonly held = new Map<string, HeldKey>();
  /** When the keys that were revoked had been made, by id: an older record of one of them must not bring it back. */
  private readonly revoked = new Map<string, number>();
  private changes = 0;
  private readonly completed = Promise.withResolvers<void>();

  /** Resolves when the topic has been read to its end. */
  get caughtUp(): Promise<void> {
    return this.completed.promise;
  }

  /** Another number whenever keys came or went: what was found out before may not hold any more. */
  get epoch(): number {
    return this.changes;
  }

  /** Milliseconds since the epoch; 0 for a key that is not held. */
  expiryOf(id: string): number {
    return this.held.get(id)?.expiresAt ?? 0;
  }

  markCaughtUp(): void {
    this.completed.resolve();
  }

  /**
   * Who presents the key.
   * @param presented `baton_<id>_<secret>`; undefined when the request had none
   * @throws ServiceError `unauthenticated` (401)
   */
  authenticate(presented: string | undefined, now = Date.now()): Caller {
    if (presented === undefined) throw unauthenticated('an access key is needed: Authorization: Bearer baton_…');
    const parts = parseAccessKey(presented);
    const held = parts && this.held.get(parts.id);
    // Compared in constant time, and for an unknown id too: how long it takes says nothing about the keys there are.
    const isSame = timingSafeEqual(Buffer.from(hashSecret(parts?.secret ?? ''), 'hex'), held?.hash ?? NO_HASH);
    if (!held || !isSame) throw unauthenticated('the access key is not valid');
    if (!(now < held.expiresAt)) throw unauthenticated(`the access key expired at ${held.record.expiresAt}`);
    return held.caller;
  }

  put(record: AccessKey): void {
    const revokedMs = this.revoked.get(record.id);
    if (revokedMs !== undefined && !(Date.parse(record.createdAt) > revokedMs)) return;
    this.changes += 1;
    const { id, name, roles, project } = record;
    const clearance = record.clearance ? Object.freeze([...record.clearance]) : null;
    this.held.set(id, {
      record,
      hash: Buffer.from(record.hash, 'hex'),
      expiresAt: record.expiresAt === null ? Infinity : Date.parse(record.expiresAt),
      caller: Object.freeze({ keyId: id, name, roles: Object.freeze([...roles]), project, clearance }),
    });
  }

  /** Revokes a key at once. A record as old as the one revoked, read from the topic later, does not bring it back. */
  remove(id: string): void {
    const held = this.held.get(id);
    if (!held) return;
    this.changes += 1;
    this.revoked.set(id, Date.parse(held.record.createdAt));
    this.held.delete(id);
  }

  /** Drops a key of which it is not known that it is still good. */
  forget(id: string): void {
    this.changes += 1;
    this.held.delete(id);
  }

  records(): AccessKey[] {
    return [...this.held.values()].map(({ record }) => record);
  }
}

function unauthenticated(message: string): ServiceError {
  return new ServiceError('unauthenticated', message, { status: 401 });
}
