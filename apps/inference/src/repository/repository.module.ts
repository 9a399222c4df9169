import { Module } from '@nestjs/common';
import { PlansModule } from '../plans/plans.module.js';
import { RepositoryController } from './repository.controller.js';
import { RepositoryModels } from './repository-models.js';

@Module({
  imports: [PlansModule],
  controllers: [RepositoryController],
  providers: [RepositoryModels],
  exports: [RepositoryModels],
})
export class RepositoryModule {}
