import { ErrorMapper, Readiness } from '@baton/service';
import { Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import type { DatabaseOptions } from './data-source.js';
import { mapDatabaseError } from './database-errors.js';
import { Database } from './database.js';

/** Gives a service its schema, tells callers what its errors mean, and says when it is away. */
@Module({})
export class DatabaseModule implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly errors: ErrorMapper,
    private readonly readiness: Readiness,
  ) {}

  static forService(options: DatabaseOptions): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [{ provide: Database, useFactory: () => new Database(options) }],
      exports: [Database],
    };
  }

  onModuleInit(): void {
    this.errors.add(mapDatabaseError);
    this.readiness.add('database', () => this.database.readiness());
  }
}
