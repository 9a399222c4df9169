import { CurrentCaller, Requires, type Caller } from '@baton/access';
import { PageQuery, type Page } from '@baton/service';
import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { ModelParams } from '../models/models.dto.js';
import { AliasParams, AliasRequest, toResponse, type AliasResponse } from './aliases.dto.js';
import { AliasesService } from './aliases.service.js';

@Controller('v1/models/:model/aliases')
export class AliasesController {
  constructor(private readonly aliases: AliasesService) {}

  @Get()
  @Requires('models:read')
  list(
    @Param() { model }: ModelParams,
    @Query() query: PageQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<AliasResponse>> {
    return this.aliases.list(model, query, caller);
  }

  @Get(':alias')
  @Requires('models:read')
  async get(@Param() { model, alias }: AliasParams, @CurrentCaller() caller: Caller): Promise<AliasResponse> {
    return toResponse(await this.aliases.get(model, alias, caller));
  }

  @Put(':alias')
  @Requires('aliases:write')
  async put(
    @Param() { model, alias }: AliasParams,
    @Body() { version }: AliasRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<AliasResponse> {
    return toResponse(await this.aliases.put(model, alias, version, caller));
  }

  @Delete(':alias')
  @HttpCode(204)
  @Requires('aliases:write')
  remove(@Param() { model, alias }: AliasParams, @CurrentCaller() caller: Caller): Promise<void> {
    return this.aliases.remove(model, alias, caller);
  }
}
