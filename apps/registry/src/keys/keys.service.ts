import { createAccessKey, KeyRing, missingClearance, type Caller } from '@baton/access';
import { Database } from '@baton/database';
import { Outbox } from '@baton/messaging';
import { invalidRequest, page, ServiceError, type Page, type PageQuery } from '@baton/service';
import { Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import { textCursor } from '../cursors.js';
import { KeyRow } from './key.entity.js';
import { KEY_ID, toResponse, toRow, type KeyRequest, type KeyResponse } from './keys.dto.js';

/** Access keys. The secret of a key is in no row, event or log. */
@Injectable()
export class KeysService {
  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly keyRing: KeyRing,
  ) {}

  /** Makes a key and shows it this once. @throws ServiceError 400 */
  async create(request: KeyRequest, caller: Caller): Promise<KeyResponse & { readonly key: string }> {
    const { name, roles, expiresAt = null } = request;
    const project = request.project ?? caller.project;
    if (caller.project !== null && project !== caller.project) {
      throw invalidRequest([{ field: 'project', message: `must be ${caller.project}, which your own key is for` }]);
    }
    const clearance = request.clearance ?? caller.clearance;
    const beyond = missingClearance(caller, clearance ?? []);
    if (beyond !== undefined) {
      throw invalidRequest([
        { field: 'clearance', message: `must not name ${beyond}, for which your own key is not cleared` },
      ]);
    }
    if (expiresAt !== null && Date.parse(expiresAt) <= Date.now()) {
      throw invalidRequest([{ field: 'expiresAt', message: 'must be in the future' }]);
    }
    const expires = expiresAt === null ? null : new Date(expiresAt).toISOString();
    const { key, record } = createAccessKey({ name, roles, project, clearance, expiresAt: expires });
    const row = toRow(record);
    await this.database.transaction(async (tx) => {
      await tx.manager.insert(KeyRow, row);
      await this.outbox.publish(tx, 'access.key', record);
    });
    this.keyRing.put(record);
    return { ...toResponse(row), key };
  }

  /** By id; revoked ones too. @throws ServiceError 400 */
  async list({ limit, cursor }: PageQuery, { project }: Caller): Promise<Page<KeyResponse>> {
    const after = textCursor(cursor, KEY_ID) ?? '';
    const rows = await this.database.manager.find(KeyRow, {
      where: { id: MoreThan(after), ...(project === null ? {} : { project }) },
      order: { id: 'ASC' },
      take: limit + 1,
    });
    return page(rows, limit, (row) => row.id, toResponse);
  }

  /** From now on the key opens nothing. Revoking it again changes nothing. @throws ServiceError 404 */
  async revoke(id: string, caller: Caller): Promise<void> {
    await this.database.transaction(async (tx) => {
      const row = await tx.manager.findOne(KeyRow, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!row || (caller.project !== null && row.project !== caller.project)) {
        throw new ServiceError('key-not-found', `there is no key ${id}`, { status: 404 });
      }
      if (row.revokedAt !== null) return;
      await tx.manager.update(KeyRow, { id }, { revokedAt: new Date() });
      await this.outbox.publishTombstone(tx, 'access.key', id);
    });
    this.keyRing.remove(id);
  }
}
