import { startKafka, startPostgres } from '@baton/backing';

/* A process that starts servers as `npm start` does, and that a test can kill. */

const { FOLDER = '', JARS = '', POSTGRES_PORT, KAFKA_PORT, CONTROLLER_PORT } = process.env;

const postgres = POSTGRES_PORT
  ? await startPostgres({ dataDir: `${FOLDER}/postgres`, port: Number(POSTGRES_PORT) })
  : undefined;
const kafka = KAFKA_PORT
  ? await startKafka({
      dataDir: `${FOLDER}/kafka`,
      jarsDir: JARS,
      port: Number(KAFKA_PORT),
      controllerPort: Number(CONTROLLER_PORT),
      javaHome: process.env['JAVA_HOME'],
      heapMb: 300,
    })
  : undefined;
process.stdout.write(`${JSON.stringify({ postgres: postgres?.pid, kafka: kafka?.pid })}\n`);
setInterval(() => undefined, 1000);
