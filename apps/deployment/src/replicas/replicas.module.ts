import { Module } from '@nestjs/common';
import { ReplicasService } from './replicas.service.js';

@Module({ providers: [ReplicasService], exports: [ReplicasService] })
export class ReplicasModule {}
