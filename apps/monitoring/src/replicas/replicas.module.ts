import { Module } from '@nestjs/common';
import { ReplicasController } from './replicas.controller.js';
import { ReplicasService } from './replicas.service.js';

@Module({ controllers: [ReplicasController], providers: [ReplicasService], exports: [ReplicasService] })
export class ReplicasModule {}
