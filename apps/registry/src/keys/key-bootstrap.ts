import { hashSecret, KeyRing, parseAccessKey } from '@baton/access';
import { MAX_DATA_CLASSES, NAME_PATTERN, roles, type AccessKey, type Role } from '@baton/contracts';
import { Database } from '@baton/database';
import { Outbox } from '@baton/messaging';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { readFileSync } from 'node:fs';
import { IsNull } from 'typeorm';
import { RegistryConfig } from '../config.js';
import { untilDone } from '../until-done.js';
import { KeyRow } from './key.entity.js';
import { toRecord, toRow } from './keys.dto.js';

const ENTRY = '{key, name, roles, project, clearance}';

interface BootstrapKey {
  readonly key: string;
  readonly name: string;
  readonly roles: Role[];
  readonly project: string | null;
  readonly clearance?: string[];
}

/**
 * Makes the keys of the bootstrap file exist, once each: one that was revoked stays so. Then every key of the table
 * counts here at once, whether Kafka is there or not.
 */
@Injectable()
export class KeyBootstrap implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly config: RegistryConfig,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly keyRing: KeyRing,
  ) {}

  onApplicationBootstrap(): void {
    const file = this.config.bootstrapKeyFile;
    const keys = file === undefined ? [] : readBootstrapKeys(readFileSync(file, 'utf8'));
    const all = async () => {
      for (const key of keys) await this.ensure(key);
      await this.load();
    };
    this.running = untilDone('the standing keys', all, this.stopping.signal);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async ensure(key: BootstrapKey): Promise<void> {
    const record = toAccessKey(key);
    await this.database.transaction(async (tx) => {
      const inserted = await tx.manager
        .createQueryBuilder()
        .insert()
        .into(KeyRow)
        .values(toRow(record))
        .orIgnore()
        .returning('id')
        .execute();
      const isNew = Array.isArray(inserted.raw) && inserted.raw.length > 0;
      if (isNew) await this.outbox.publish(tx, 'access.key', record);
    });
  }

  private async load(): Promise<void> {
    const rows = await this.database.manager.findBy(KeyRow, { revokedAt: IsNull() });
    for (const row of rows) this.keyRing.put(toRecord(row));
  }
}

/** @throws Error naming the entry that does not fit, never its key */
export function readBootstrapKeys(text: string): BootstrapKey[] {
  const value = parseJson(text);
  if (!Array.isArray(value)) throw new Error('the bootstrap key file is no JSON array');
  return value.map((entry: Partial<BootstrapKey> | null, index) => {
    const { key, name, roles: given = [], project = null, clearance } = entry ?? {};
    const fits =
      typeof key === 'string' &&
      parseAccessKey(key) !== undefined &&
      typeof name === 'string' &&
      given.length > 0 &&
      given.every((role) => roles.includes(role)) &&
      (project === null || NAME_PATTERN.test(project)) &&
      (clearance === undefined || areDataClasses(clearance));
    if (!fits) throw new Error(`entry ${index + 1} of the bootstrap key file must be ${ENTRY}`);
    return { key, name, roles: given, project, ...(clearance ? { clearance } : {}) };
  });
}

function areDataClasses(names: unknown): boolean {
  const isOne = (name: unknown) => typeof name === 'string' && NAME_PATTERN.test(name);
  return Array.isArray(names) && names.length <= MAX_DATA_CLASSES && names.every(isOne);
}

/** The parser's own message would quote the file. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toAccessKey({ key, name, roles: given, ...limits }: BootstrapKey): AccessKey {
  const parts = parseAccessKey(key);
  if (!parts) throw new Error('a bootstrap key does not have the form of a key');
  const createdAt = new Date().toISOString();
  return { id: parts.id, hash: hashSecret(parts.secret), name, roles: given, ...limits, createdAt, expiresAt: null };
}
