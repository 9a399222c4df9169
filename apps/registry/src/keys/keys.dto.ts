import { NAME_PATTERN, roles, type AccessKey, type Role } from '@baton/contracts';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsISO8601,
  IsOptional,
  IsString,
  Length,
  Matches,
  NotContains,
} from 'class-validator';
import type { KeyRow } from './key.entity.js';

export const KEY_ID = /^[0-9a-z]{8,32}$/;

export class KeyParams {
  @Matches(KEY_ID, { message: 'id must be the id of a key: 8 to 32 of 0-9 and a-z' })
  id: string;
}

export class KeyRequest {
  /** Whose key it is; two people never share one. */
  @IsString()
  @Length(1, 100)
  @NotContains('\0')
  name: string;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(roles.length)
  @ArrayUnique()
  @IsIn(roles, { each: true })
  roles: Role[];

  /** The one project it opens; absent for all. */
  @IsOptional()
  @Matches(NAME_PATTERN)
  project?: string;

  @IsOptional()
  @IsISO8601({ strict: true })
  expiresAt?: string;
}

export interface KeyResponse {
  readonly id: string;
  readonly name: string;
  readonly roles: Role[];
  readonly project: string | null;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
}

export function toResponse(row: KeyRow): KeyResponse {
  const { id, name, roles: given, project, createdAt, expiresAt, revokedAt } = row;
  return {
    ...{ id, name, roles: given, project, createdAt: createdAt.toISOString() },
    expiresAt: expiresAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}

/** The row of a new key. */
export function toRow(record: AccessKey): KeyRow {
  const { id, hash, name, roles: given, project, createdAt, expiresAt } = record;
  const times = { createdAt: new Date(createdAt), expiresAt: expiresAt === null ? null : new Date(expiresAt) };
  return { id, hash, name, roles: given, project, ...times, revokedAt: null };
}

/** What the services are told of a key. */
export function toRecord(row: KeyRow): AccessKey {
  const { id, hash, name, roles: given, project, createdAt, expiresAt } = row;
  const times = { createdAt: createdAt.toISOString(), expiresAt: expiresAt?.toISOString() ?? null };
  return { id, hash, name, roles: given, project, ...times };
}
