import { Module } from '@nestjs/common';
import { ArtifactCache } from '../models/artifact-cache.js';
import { IntegrityReports } from '../models/integrity-reports.js';
import { ModelLoader } from '../models/model-loader.js';
import { Endpoints } from './endpoints.js';
import { PlanFiles } from './plan-files.js';
import { PlanWork } from './plan-work.js';
import { PlansService } from './plans.service.js';
import { Rehash } from './rehash.js';

@Module({
  providers: [ArtifactCache, IntegrityReports, ModelLoader, PlanFiles, Endpoints, PlanWork, PlansService, Rehash],
  exports: [Endpoints],
})
export class PlansModule {}
