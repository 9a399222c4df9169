import { Module } from '@nestjs/common';
import { ReferencesModule } from '../references/references.module.js';
import { EndpointPlans } from './endpoint-plans.js';
import { VersionsConsumer } from './versions.consumer.js';
import { VersionsService } from './versions.service.js';

@Module({
  imports: [ReferencesModule],
  controllers: [VersionsConsumer],
  providers: [VersionsService, EndpointPlans],
  exports: [VersionsService, EndpointPlans],
})
export class VersionsModule {}
