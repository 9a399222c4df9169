import { eventTypes, isEventType, type BatonEvent } from '@baton/contracts';
import { InvalidArgumentError, type Command } from 'commander';
import { cliConnection } from '../config.js';
import { note } from '../output.js';

interface TailOptions {
  type?: string[];
  fromBeginning?: boolean;
  json?: boolean;
}

/** `baton events tail`. */
export function addEvents(program: Command): void {
  program
    .command('events')
    .description('the events on Kafka')
    .command('tail')
    .description('print events as they come; Ctrl-C ends it')
    .option('--type <type...>', `only these of ${eventTypes.join(', ')}`, eventType)
    .option('--from-beginning', 'start with the oldest that are kept')
    .option('--json', 'one JSON object a line')
    .action(async (options: TailOptions) => {
      const { kafka } = cliConnection();
      const end = new AbortController();
      process.once('SIGINT', () => end.abort());
      process.once('SIGTERM', () => end.abort());
      const types = options.type?.filter(isEventType);
      note(`tailing ${types?.join(', ') ?? 'all events'} at ${kafka.brokers.join(',')}…`);
      // Kafka's client is loaded by the commands that use it: the others answer sooner.
      const { tailEvents } = await import('@baton/messaging');
      await tailEvents(
        { ...kafka, types, fromBeginning: options.fromBeginning ?? false, signal: end.signal },
        (event) => void process.stdout.write(`${options.json ? JSON.stringify(event) : line(event)}\n`),
      );
    });
}

function eventType(text: string, before: string[] = []): string[] {
  if (!isEventType(text)) throw new InvalidArgumentError(`the event types are ${eventTypes.join(', ')}.`);
  return [...before, text];
}

function line(event: BatonEvent): string {
  return `${event.time}  ${event.type.padEnd(22)} ${event.subject}  ${JSON.stringify(event.data)}`;
}
