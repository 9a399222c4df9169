import { Module } from '@nestjs/common';
import { PlansModule } from '../plans/plans.module.js';
import { ReplicasModule } from '../replicas/replicas.module.js';
import { RolloutsModule } from '../rollouts/rollouts.module.js';
import { EndpointsController } from './endpoints.controller.js';
import { EndpointsService } from './endpoints.service.js';

@Module({
  imports: [PlansModule, ReplicasModule, RolloutsModule],
  controllers: [EndpointsController],
  providers: [EndpointsService],
})
export class EndpointsModule {}
