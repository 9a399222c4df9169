import { runMigrations } from '@baton/database';
import { createLogger } from '@baton/telemetry';
import { migrateConfig } from './migrate.config.js';
import { monitoringSchema } from './schema.js';

const { schema, migrations } = monitoringSchema;
const ran = await runMigrations({ url: migrateConfig().databaseUrl, schema, migrations });
createLogger('monitoring').info('the migrations are done', { ran });
