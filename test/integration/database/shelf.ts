import { ErrorMapper, Readiness } from '@baton/service';
import { Database, DatabaseModule, type DatabaseOptions } from '@baton/database';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Column, Entity, PrimaryColumn, VersionColumn, type MigrationInterface, type QueryRunner } from 'typeorm';

/** A table as services have them. */
@Entity()
export class BookShelf {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'text', unique: true })
  shortName: string;

  @Column({ type: 'int' })
  bookCount: number;

  @Column({ type: 'timestamptz', name: 'put_up_at', nullable: true })
  installedAt: Date | null;

  @VersionColumn()
  revision: number;
}

export class First1700000000001 implements MigrationInterface {
  readonly name = 'First1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table book_shelf (
      id uuid primary key,
      short_name text not null unique,
      book_count int not null,
      put_up_at timestamptz,
      revision int not null
    )`);
  }

  async down(): Promise<void> {
    await Promise.resolve();
  }
}

export class Second1700000000002 implements MigrationInterface {
  readonly name = 'Second1700000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table book_shelf add check (book_count >= 0)');
  }

  async down(): Promise<void> {
    await Promise.resolve();
  }
}

/** Half of it works. */
export class Broken1700000000003 implements MigrationInterface {
  readonly name = 'Broken1700000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table half_done (id int)');
    await runner.query('create table half_done_too (id no_such_type)');
  }

  async down(): Promise<void> {
    await Promise.resolve();
  }
}

@Module({ providers: [ErrorMapper, Readiness], exports: [ErrorMapper, Readiness] })
class AroundModule {}

/** A service's database, as Nest builds it. */
export interface RunningDatabase {
  readonly database: Database;
  readonly errors: ErrorMapper;
  readonly readiness: Readiness;
  close(): Promise<void>;
}

export async function startDatabase(
  options: Pick<DatabaseOptions, 'url'> & Partial<DatabaseOptions>,
): Promise<RunningDatabase> {
  const settings = { schema: 'library', entities: [BookShelf], migrations: [], ...options };
  const root = {
    module: class RootModule {},
    imports: [{ module: AroundModule, global: true }, DatabaseModule.forService(settings)],
  };
  const app: INestApplicationContext = await NestFactory.createApplicationContext(root, { logger: false });
  return {
    database: app.get(Database),
    errors: app.get(ErrorMapper),
    readiness: app.get(Readiness),
    close: () => app.close(),
  };
}
