import { CurrentCaller, Requires, type Caller } from '@baton/access';
import { Controller, Get, Param } from '@nestjs/common';
import { ReplicaLogResponse, ReplicaParams } from './replicas.dto.js';
import { ReplicasService } from './replicas.service.js';

@Controller('v1/replicas')
export class ReplicasController {
  constructor(private readonly replicas: ReplicasService) {}

  @Get(':replica/log')
  @Requires('predictions:read')
  log(@Param() { replica }: ReplicaParams, @CurrentCaller() caller: Caller): Promise<ReplicaLogResponse> {
    return this.replicas.log(replica, caller);
  }
}
