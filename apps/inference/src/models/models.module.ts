import { Module } from '@nestjs/common';
import { ArtifactCache } from './artifact-cache.js';
import { IntegrityReports } from './integrity-reports.js';
import { ModelPool } from './model-pool.js';

@Module({
  providers: [ArtifactCache, IntegrityReports, ModelPool],
  exports: [ArtifactCache, IntegrityReports, ModelPool],
})
export class ModelsModule {}
