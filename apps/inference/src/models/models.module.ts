import { Module } from '@nestjs/common';
import { ArtifactCache } from './artifact-cache.js';
import { IntegrityReports } from './integrity-reports.js';
import { Suspects } from './suspects.js';
import { ModelPool } from './model-pool.js';

@Module({
  providers: [ArtifactCache, IntegrityReports, ModelPool, Suspects],
  exports: [ArtifactCache, IntegrityReports, ModelPool],
})
export class ModelsModule {}
