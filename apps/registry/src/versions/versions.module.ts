import { Module } from '@nestjs/common';
import { AdmissionModule } from '../admission/admission.module.js';
import { ArtifactsModule } from '../artifacts/artifacts.module.js';
import { ArtifactSweep } from './artifact-sweep.js';
import { DecisionsService } from './decisions.service.js';
import { PushService } from './push.service.js';
import { SignerService } from './signer.service.js';
import { UploadsService } from './uploads.service.js';
import { VersionsController } from './versions.controller.js';
import { VersionsService } from './versions.service.js';

@Module({
  imports: [AdmissionModule, ArtifactsModule],
  controllers: [VersionsController],
  providers: [VersionsService, UploadsService, ArtifactSweep, PushService, DecisionsService, SignerService],
  exports: [VersionsService],
})
export class VersionsModule {}
