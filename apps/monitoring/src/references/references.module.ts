import { Module } from '@nestjs/common';
import { ReferenceDownload } from './reference-download.js';
import { ReferencesService } from './references.service.js';

@Module({ providers: [ReferencesService, ReferenceDownload], exports: [ReferencesService] })
export class ReferencesModule {}
