import { Module, type DynamicModule } from '@nestjs/common';
import { ErrorMapper } from './error-mapper.js';
import { HealthController } from './health.controller.js';
import { ProblemFilter } from './problem-filter.js';
import { Readiness } from './readiness.js';

/** What all services do alike, around one service's own module. */
@Module({})
export class ServiceModule {
  static around(own: DynamicModule): DynamicModule {
    return {
      module: ServiceModule,
      global: true,
      imports: [own],
      controllers: [HealthController],
      providers: [ErrorMapper, ProblemFilter, Readiness],
      exports: [ErrorMapper, ProblemFilter, Readiness],
    };
  }
}
