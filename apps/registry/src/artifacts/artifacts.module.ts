import { Module } from '@nestjs/common';
import { ArtifactStore } from './artifact-store.js';
import { ArtifactsController } from './artifacts.controller.js';
import { ArtifactsService } from './artifacts.service.js';

@Module({
  controllers: [ArtifactsController],
  providers: [ArtifactStore, ArtifactsService],
  exports: [ArtifactStore, ArtifactsService],
})
export class ArtifactsModule {}
