import { Module } from '@nestjs/common';
import { PlansModule } from '../plans/plans.module.js';
import { ReplicasModule } from '../replicas/replicas.module.js';
import { VersionsModule } from '../versions/versions.module.js';
import { RolloutClock } from './rollout-clock.js';
import { RolloutProgress } from './rollout-progress.js';
import { RolloutStart } from './rollout-start.js';
import { RolloutSteps } from './rollout-steps.js';
import { RolloutsConsumer } from './rollouts.consumer.js';
import { RolloutsController } from './rollouts.controller.js';
import { RolloutsService } from './rollouts.service.js';

@Module({
  imports: [VersionsModule, PlansModule, ReplicasModule],
  controllers: [RolloutsController, RolloutsConsumer],
  providers: [RolloutsService, RolloutStart, RolloutSteps, RolloutProgress, RolloutClock],
  exports: [RolloutSteps],
})
export class RolloutsModule {}
