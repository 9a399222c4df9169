export { freePorts, PortInUseError } from './free-ports.js';
export { findJava, NoJavaError, type Java } from './java.js';
export { startKafka, type KafkaOptions, type RunningKafka } from './kafka.js';
export { startPostgres, type PostgresOptions, type RunningPostgres } from './postgres.js';
export { claimPidFile, InUseError, isHeld, stopStale } from './process-file.js';
export { isAlive, recordOf, stopProcess, type ProcessRecord } from './process-record.js';
