import { ensureTopics } from '@baton/messaging';
import { mkdirSync } from 'node:fs';
import { localConfig } from './config.js';
import { prepareDatabase } from './databases.js';
import { prepareKeys } from './keys.js';
import { Progress } from './progress.js';

/** Brings an existing database, and an existing Kafka if one is named, to what the services expect. Repeatable. */
const progress = new Progress();
const config = localConfig();
const { databaseUrl, kafkaBrokers } = config;
if (!databaseUrl) {
  process.stderr.write(
    'DATABASE_URL is not set: name the database to migrate, by a role that may create roles and schemas. (`npm start` migrates its own.)\n',
  );
  process.exit(1);
}
mkdirSync(config.batonHome, { recursive: true });
const keys = prepareKeys(config.batonHome, config.databasePassword);
await progress.step('roles, schemas and tables', () =>
  prepareDatabase(databaseUrl, keys.postgresPassword, config.batonHome),
);
if (kafkaBrokers) {
  await progress.step('topics', async () => {
    const { created } = await ensureTopics(kafkaBrokers.split(','), config.kafkaPrefix);
    progress.say(`  ${created.length} created`);
  });
}
progress.say(`keys are in ${config.batonHome}/keys`);
process.exit();
