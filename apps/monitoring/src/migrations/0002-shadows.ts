import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Shadows1700000000002 implements MigrationInterface {
  name = 'Shadows1700000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE predictions
        ADD COLUMN error_code text,
        ADD COLUMN shadow boolean NOT NULL DEFAULT false
    `);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
