import { Module } from '@nestjs/common';
import { VersionsConsumer } from './versions.consumer.js';
import { VersionsService } from './versions.service.js';

@Module({ controllers: [VersionsConsumer], providers: [VersionsService], exports: [VersionsService] })
export class VersionsModule {}
