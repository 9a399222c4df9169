import { eventTypes, isEventType, type EventType } from '@baton/contracts';
import { InvalidArgumentError, type Command } from 'commander';
import { positive } from '../arguments.js';
import { cliConnection } from '../config.js';
import { print, table } from '../output.js';

interface ListOptions {
  type?: EventType;
  limit: number;
  json?: boolean;
}

/** `baton dead-letters list|replay`. */
export function addDeadLetters(program: Command): void {
  const deadLetters = program.command('dead-letters').description('events that a service gave up on');
  deadLetters
    .command('list')
    .option('--type <type>', 'only this event type', eventType)
    .option('--limit <n>', 'most to show', positive, 100)
    .option('--json')
    .action(async (options: ListOptions) => {
      const { listDeadLetters } = await import('@baton/messaging');
      const found = await listDeadLetters({ ...cliConnection().kafka, type: options.type, limit: options.limit });
      print(found, options, () =>
        table(
          ['type', 'offset', 'by', 'tries', 'failed', 'error'],
          found.map((letter) => [
            letter.type,
            letter.offset,
            letter.group,
            letter.tries,
            letter.failedAt,
            letter.error,
          ]),
        ),
      );
    });
  deadLetters
    .command('replay')
    .description('bring dead letters back to their topic, after what made them fail is mended')
    .argument('<type>', 'event type', eventType)
    .option('--offset <offset...>', 'only these (default: all that were not replayed yet)')
    .option('--json')
    .action(async (type: EventType, options: { offset?: string[]; json?: boolean }) => {
      const { replayDeadLetters } = await import('@baton/messaging');
      const result = await replayDeadLetters({
        ...cliConnection().kafka,
        type,
        ...(options.offset ? { offsets: options.offset } : { all: true }),
      });
      print(result, options, () => `${result.replayed} brought back to ${type}`);
    });
}

function eventType(text: string): EventType {
  if (!isEventType(text)) throw new InvalidArgumentError(`the event types are ${eventTypes.join(', ')}.`);
  return text;
}
