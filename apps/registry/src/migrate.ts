import { runMigrations } from '@baton/database';
import { createLogger } from '@baton/telemetry';
import { migrateConfig } from './migrate.config.js';
import { registrySchema } from './schema.js';

const { schema, migrations } = registrySchema;
const ran = await runMigrations({ url: migrateConfig().databaseUrl, schema, migrations });
createLogger('registry').info('the migrations are done', { ran });
