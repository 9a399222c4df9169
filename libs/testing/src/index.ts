export { dedicatedKafka, dedicatedPostgres, type DedicatedKafka, type DedicatedPostgres } from './dedicated.js';
export { jarsFolder } from './own-servers.js';
export { testDatabase, testPool, type TestDatabase } from './test-database.js';
export { collectEvents, testKafka, type CollectedEvents, type TestKafka } from './test-kafka.js';
export { publishKey, testKeys, type MadeKey, type TestKeys } from './test-keys.js';
export { waitFor, type WaitOptions } from './wait-for.js';
