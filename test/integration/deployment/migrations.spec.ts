import { runMigrations, schemaDifferences } from '@baton/database';
import { deploymentSchema } from '@baton/deployment/schema';
import { testDatabase } from '@baton/testing';
import { expect, it } from 'vitest';

it('the migrations make what the entities say, on an empty database, and once', async () => {
  const database = await testDatabase('deployment');
  const { schema, migrations, entities } = deploymentSchema;
  try {
    const first = await runMigrations({ url: database.url, schema, migrations });
    const second = await runMigrations({ url: database.url, schema, migrations });

    expect([first.length, second.length]).toEqual([migrations.length, 0]);
    expect(await schemaDifferences({ url: database.url, schema, entities })).toEqual([]);
  } finally {
    await database.drop();
  }
});
