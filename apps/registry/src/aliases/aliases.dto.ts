import { NAME_PATTERN } from '@baton/contracts';
import { IsInt, Matches, Max, Min } from 'class-validator';
import { ModelParams } from '../models/models.dto.js';
import type { Alias } from './alias.entity.js';

export class AliasParams extends ModelParams {
  @Matches(NAME_PATTERN, { message: 'alias must be 1 to 63 of a-z, 0-9, ".", "_" and "-"' })
  alias: string;
}

export class AliasRequest {
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  version: number;
}

export interface AliasResponse {
  readonly model: string;
  readonly alias: string;
  readonly version: number;
  readonly changedBy: string;
  readonly changedAt: string;
}

export function toResponse({ model, alias, version, changedBy, changedAt }: Alias): AliasResponse {
  return { model, alias, version, changedBy, changedAt: changedAt.toISOString() };
}
