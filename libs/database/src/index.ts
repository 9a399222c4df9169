export type { DatabaseOptions } from './data-source.js';
export { isDatabaseAway, isUniqueViolation, mapDatabaseError } from './database-errors.js';
export { DatabaseModule } from './database.module.js';
export { Database } from './database.js';
export { createServiceRole, runMigrations, schemaDifferences, type ServiceRole } from './migrations.js';
export { Transaction } from './transaction.js';
