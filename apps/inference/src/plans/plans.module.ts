import { Module } from '@nestjs/common';
import { ModelsModule } from '../models/models.module.js';
import { Endpoints } from './endpoints.js';
import { PlanFiles } from './plan-files.js';
import { PlanFollower } from './plan-follower.js';
import { PlanWork } from './plan-work.js';
import { PlansService } from './plans.service.js';
import { RehashJob } from './rehash.job.js';

@Module({
  imports: [ModelsModule],
  providers: [PlanFiles, Endpoints, PlanWork, PlansService, PlanFollower, RehashJob],
  exports: [Endpoints],
})
export class PlansModule {}
