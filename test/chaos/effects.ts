import { OnEvent, type DataEvent, type EventContext } from '@baton/messaging';
import type { TestDatabase } from '@baton/testing';
import { Controller } from '@nestjs/common';
import { writeEffect } from '../integration/messaging/ledger.js';

/** Each event leaves a row, and nothing but the inbox keeps a second one away. */
@Controller()
export class EffectConsumer {
  @OnEvent('alias.changed')
  async changed(event: DataEvent<'alias.changed'>, { tx }: EventContext): Promise<void> {
    await writeEffect(tx, event);
  }
}

/** What was committed: the last revision of each model. Every revision from 1 on was published. */
export async function committed(database: TestDatabase): Promise<Record<string, number[]>> {
  const rows = await database.query<{ model: string; revision: number }>('select model, revision from alias');
  return Object.fromEntries(
    rows.map(({ model, revision }) => [model, Array.from({ length: revision }, (_, index) => index + 1)]),
  );
}

/** What the consumer made of it: the revisions of each model, in the order they were applied. */
export async function applied(database: TestDatabase): Promise<Record<string, number[]>> {
  const rows = await database.query<{ model: string; revision: number }>(
    'select model, revision from effect order by id',
  );
  const models: Record<string, number[]> = {};
  for (const { model, revision } of rows) (models[model] ??= []).push(revision);
  return models;
}

/** True when so many changes are committed, each has had an effect at least once, and nothing is left to be sent. */
export async function isThrough(database: TestDatabase, changes = 0): Promise<true | undefined> {
  const [pending, expected, actual] = await Promise.all([
    database.query('select from outbox'),
    committed(database),
    applied(database),
  ]);
  const complete = Object.entries(expected).every(([model, revisions]) => {
    return new Set(actual[model]).size === revisions.length;
  });
  const enough = Object.values(expected).flat().length >= changes;
  return pending.length === 0 && complete && enough ? true : undefined;
}
