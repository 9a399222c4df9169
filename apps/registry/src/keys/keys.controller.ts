import { CurrentCaller, Requires, type Caller } from '@baton/access';
import { PageQuery, type Page } from '@baton/service';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { KeyParams, KeyRequest, type KeyResponse } from './keys.dto.js';
import { KeysService } from './keys.service.js';

@Controller('v1')
export class KeysController {
  constructor(private readonly keys: KeysService) {}

  @Post('keys')
  @Requires('keys:manage')
  create(@Body() request: KeyRequest, @CurrentCaller() caller: Caller): Promise<KeyResponse & { key: string }> {
    return this.keys.create(request, caller);
  }

  @Get('keys')
  @Requires('keys:manage')
  list(@Query() query: PageQuery, @CurrentCaller() caller: Caller): Promise<Page<KeyResponse>> {
    return this.keys.list(query, caller);
  }

  @Delete('keys/:id')
  @HttpCode(204)
  @Requires('keys:manage')
  revoke(@Param() { id }: KeyParams, @CurrentCaller() caller: Caller): Promise<void> {
    return this.keys.revoke(id, caller);
  }

  /** Who the key that asks belongs to. */
  @Get('whoami')
  @Requires('self:read')
  whoami(@CurrentCaller() { keyId: id, name, roles, project, clearance }: Caller) {
    return { id, name, roles, project, clearance };
  }
}
