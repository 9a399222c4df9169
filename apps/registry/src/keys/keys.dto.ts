import { MAX_DATA_CLASSES, NAME_PATTERN, roles, type AccessKey, type Role } from '@baton/contracts';
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

  /** The data classes it may send; absent for all that the caller may send. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_DATA_CLASSES)
  @ArrayUnique()
  @Matches(NAME_PATTERN, { each: true })
  clearance?: string[];

  @IsOptional()
  @IsISO8601({ strict: true })
  expiresAt?: string;
}

export interface KeyResponse {
  readonly id: string;
  readonly name: string;
  readonly roles: Role[];
  readonly project: string | null;
  /** Null for all data classes. */
  readonly clearance: string[] | null;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
}

export function toResponse(row: KeyRow): KeyResponse {
  const { id, name, roles: given, project, clearance, createdAt, expiresAt, revokedAt } = row;
  return {
    ...{ id, name, roles: given, project, clearance, createdAt: createdAt.toISOString() },
    expiresAt: expiresAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}

/** The row of a new key. */
export function toRow(record: AccessKey): KeyRow {
  const { id, hash, name, roles: given, project, clearance = null, createdAt, expiresAt } = record;
  const times = { createdAt: new Date(createdAt), expiresAt: expiresAt === null ? null : new Date(expiresAt) };
  return { id, hash, name, roles: given, project, clearance, ...times, revokedAt: null };
}

/** What the services are told of a key. */
export function toRecord(row: KeyRow): AccessKey {
  const { id, hash, name, roles: given, project, clearance, createdAt, expiresAt } = row;
  const times = { createdAt: createdAt.toISOString(), expiresAt: expiresAt?.toISOString() ?? null };
  return { id, hash, name, roles: given, project, ...(clearance ? { clearance } : {}), ...times };
}
