import { setLogLevel, shutdownTelemetry, startTelemetry, type LogLevel } from '@baton/telemetry';
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { ShipSettings, ToShipper } from './ship-messages.js';

/** The shipper as a thread of its own: decoding, JSON and Kafka's client take no time of the loop that answers. */
const port = parentPort;
if (!port) throw new Error('this is no program, but a worker thread');
const { folder, brokers, prefix, logLevel, givesWay } = workerData as ShipSettings;
setLogLevel(logLevel as LogLevel);
await startTelemetry('inference');
const { EventProducer, MessagingOptions } = await import('@baton/messaging');
const { Shipper } = await import('./shipper.js');
const options = new MessagingOptions({ service: 'inference', brokers: [...brokers], prefix, outbox: false });
const producer = new EventProducer(options);
const shipper = new Shipper(producer, folder, (message) => port.postMessage(message));
// On Linux a priority is a thread's own. With one core for all, answers come first and the spool holds the rest.
if (givesWay && process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);

port.on('message', (message: ToShipper) => {
  if (message.kind === 'ship') shipper.ship(message.task);
  else void stop();
});

async function stop(): Promise<void> {
  await shipper.stop();
  await producer.onModuleDestroy();
  await shutdownTelemetry();
  port?.close();
}
