import { runMigrations } from '@baton/database';
import { createLogger } from '@baton/telemetry';
import { migrateConfig } from './migrate.config.js';
import { deploymentSchema } from './schema.js';

const { schema, migrations } = deploymentSchema;
const ran = await runMigrations({ url: migrateConfig().databaseUrl, schema, migrations });
createLogger('deployment').info('the migrations are done', { ran });
