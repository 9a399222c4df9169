import { createLogger } from '@baton/telemetry';
import type { Logger } from 'typeorm';

const log = createLogger('typeorm');
const nothing = () => undefined;

/** TypeORM's messages in our log. Statements are not told: their errors reach whoever sent them, parameters nobody. */
export const typeormLogger: Logger = {
  logQuery: nothing,
  logQueryError: nothing,
  logQuerySlow: nothing,
  logSchemaBuild: nothing,
  logMigration: (message) => log.info(message),
  log: (level, message) => log[level === 'warn' ? 'warn' : 'debug'](String(message)),
};
