import { Module } from '@nestjs/common';
import { PartitionsModule } from '../partitions/partitions.module.js';
import { ReferencesModule } from '../references/references.module.js';
import { VersionsModule } from '../versions/versions.module.js';
import { ClosingJob } from './closing.job.js';
import { WatchedVersions } from './watched-versions.js';
import { WindowCloser } from './window-closer.js';
import { WindowCollector } from './window-collector.js';
import { WindowsController } from './windows.controller.js';
import { WindowsService } from './windows.service.js';

@Module({
  imports: [PartitionsModule, ReferencesModule, VersionsModule],
  controllers: [WindowsController],
  providers: [WindowsService, WindowCollector, WatchedVersions, WindowCloser, ClosingJob],
  exports: [WindowCollector, WatchedVersions],
})
export class WindowsModule {}
