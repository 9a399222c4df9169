import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SignatureFile0002 implements MigrationInterface {
  readonly name = 'SignatureFile1700000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table versions add column signature jsonb');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
