import { runMigrations, schemaDifferences } from '@baton/database';
import { monitoringSchema } from '@baton/monitoring/schema';
import { testDatabase } from '@baton/testing';
import { expect, it } from 'vitest';

it('migrations on an empty database give the tables that the entities describe, and run once', async () => {
  const { url, drop } = await testDatabase('monitoring');
  try {
    expect(await runMigrations({ url, ...monitoringSchema })).toHaveLength(monitoringSchema.migrations.length);
    expect(await schemaDifferences({ url, ...monitoringSchema })).toEqual([]);
    expect(await runMigrations({ url, ...monitoringSchema })).toEqual([]);
  } finally {
    await drop();
  }
});
