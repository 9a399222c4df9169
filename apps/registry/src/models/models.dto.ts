import { NAME_PATTERN } from '@baton/contracts';
import { Matches } from 'class-validator';
import type { Model } from './model.entity.js';

const NAME_RULE = {
  message: '$property must be 1 to 63 of a-z, 0-9, ".", "_" and "-", and begin and end with a letter or a digit',
};

export class ModelParams {
  @Matches(NAME_PATTERN, NAME_RULE)
  model: string;
}

export interface ModelResponse {
  readonly model: string;
  readonly project: string;
  readonly latestVersion: number;
  readonly createdAt: string;
}

export function toResponse(model: Model): ModelResponse {
  const { name, project, latestVersion, createdAt } = model;
  return { model: name, project, latestVersion, createdAt: createdAt.toISOString() };
}
