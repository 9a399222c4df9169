import type { MigrationInterface, QueryRunner } from 'typeorm';

export class KeyClearance0003 implements MigrationInterface {
  readonly name = 'KeyClearance1700000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table access_keys add column clearance jsonb');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
