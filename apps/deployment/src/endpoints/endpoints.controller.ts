import { CurrentCaller, Requires, type Caller } from '@baton/access';
import { PageQuery, type Page } from '@baton/service';
import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { EndpointParams, EndpointRequest, type EndpointResponse } from './endpoints.dto.js';
import { EndpointsService } from './endpoints.service.js';

@Controller('v1/endpoints')
export class EndpointsController {
  constructor(private readonly endpoints: EndpointsService) {}

  @Get()
  @Requires('endpoints:read')
  list(@Query() query: PageQuery, @CurrentCaller() caller: Caller): Promise<Page<EndpointResponse>> {
    return this.endpoints.list(query, caller);
  }

  @Get(':endpoint')
  @Requires('endpoints:read')
  get(@Param() { endpoint }: EndpointParams, @CurrentCaller() caller: Caller): Promise<EndpointResponse> {
    return this.endpoints.get(endpoint, caller);
  }

  @Put(':endpoint')
  @Requires('deployments:write')
  configure(
    @Param() { endpoint }: EndpointParams,
    @Body() request: EndpointRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<EndpointResponse> {
    return this.endpoints.configure(endpoint, request, caller);
  }

  @Delete(':endpoint')
  @HttpCode(204)
  @Requires('deployments:write')
  remove(@Param() { endpoint }: EndpointParams, @CurrentCaller() caller: Caller): Promise<void> {
    return this.endpoints.remove(endpoint, caller);
  }
}
