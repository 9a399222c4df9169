import { ArrayMaxSize, IsArray, IsIn, IsISO8601, IsOptional, IsString, Length, Matches } from 'class-validator';
import { IsNullable } from './nullable.js';
import { DIGEST_PATTERN, MAX_DATA_CLASSES, NAME_PATTERN, roles, type Role } from './vocabulary.js';

/** Payload of `access.key`: what a service needs to check a key by itself. An empty value revokes the key. */
export class AccessKey {
  @Matches(/^[0-9a-z]{8,32}$/)
  id: string;

  /** SHA-256 of the secret; the secret itself is shown once and stored nowhere. */
  @Matches(DIGEST_PATTERN)
  hash: string;

  @IsString()
  @Length(1, 100)
  name: string;

  @IsArray()
  @IsIn(roles, { each: true })
  roles: Role[];

  /** The one project it opens; null for all of them. */
  @IsNullable()
  @Matches(NAME_PATTERN)
  project: string | null;

  /** The data classes that its caller may send; absent for all of them, empty for none. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_DATA_CLASSES)
  @Matches(NAME_PATTERN, { each: true })
  clearance?: string[] | null;

  @IsISO8601()
  createdAt: string;

  @IsNullable()
  @IsISO8601()
  expiresAt: string | null;
}
