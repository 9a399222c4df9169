import { loadConfig } from '@baton/service';
import { IsString, Length } from 'class-validator';

/** What a run of the migrations needs to know. */
export class MigrateConfig {
  /** Postgres, as the role that owns the schema `monitoring`. */
  @IsString()
  @Length(1, 2000)
  databaseUrl: string;
}

export function migrateConfig(): MigrateConfig {
  return loadConfig(MigrateConfig);
}
