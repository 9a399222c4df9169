import { CurrentCaller, Requires, type Caller } from '@baton/access';
import type { Page } from '@baton/service';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { EndpointParams, WindowsQuery, type WindowResponse } from './windows.dto.js';
import { WindowsService } from './windows.service.js';

@Controller('v1/endpoints')
export class WindowsController {
  constructor(private readonly windows: WindowsService) {}

  @Get(':endpoint/windows')
  @Requires('windows:read')
  list(
    @Param() { endpoint }: EndpointParams,
    @Query() query: WindowsQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<WindowResponse>> {
    return this.windows.list(endpoint, query, caller);
  }
}
