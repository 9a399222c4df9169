import { CurrentCaller, Requires, type Caller } from '@baton/access';
import { PageQuery, type Page } from '@baton/service';
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import { EndpointParams } from '../endpoints/endpoints.dto.js';
import { DeploymentParams, DeploymentRequest, type DeploymentResponse } from './rollouts.dto.js';
import { RolloutsService } from './rollouts.service.js';

@Controller('v1')
export class RolloutsController {
  constructor(private readonly rollouts: RolloutsService) {}

  @Post('endpoints/:endpoint/deployments')
  @HttpCode(202)
  @Requires('deployments:write')
  deploy(
    @Param() { endpoint }: EndpointParams,
    @Body() request: DeploymentRequest,
    @CurrentCaller() caller: Caller,
    @Headers('idempotency-key') idempotencyKey?: string,
  ): Promise<DeploymentResponse> {
    return this.rollouts.deploy({ endpoint, request, caller, idempotencyKey });
  }

  @Get('endpoints/:endpoint/deployments')
  @Requires('endpoints:read')
  list(
    @Param() { endpoint }: EndpointParams,
    @Query() query: PageQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<DeploymentResponse>> {
    return this.rollouts.list(endpoint, query, caller);
  }

  @Get('deployments/:deployment')
  @Requires('endpoints:read')
  get(@Param() { deployment }: DeploymentParams, @CurrentCaller() caller: Caller): Promise<DeploymentResponse> {
    return this.rollouts.get(deployment, caller);
  }
}
