export type { DatabaseOptions } from './data-source.js';
export { isDatabaseAway, isUniqueViolation, mapDatabaseError } from './database-errors.js';
export { DatabaseModule } from './database.module.js';
export { Database } from './database.js';
export { runMigrations, schemaDifferences, type ComparisonOptions, type MigrationOptions } from './migrations.js';
export { createServiceRole, type ServiceRole } from './service-role.js';
export { Transaction } from './transaction.js';
