import { CurrentCaller, Requires, type Caller } from '@baton/access';
import { PageQuery, type Page } from '@baton/service';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ModelParams, type ModelResponse } from './models.dto.js';
import { ModelsService } from './models.service.js';

@Controller('v1/models')
export class ModelsController {
  constructor(private readonly models: ModelsService) {}

  @Get()
  @Requires('models:read')
  list(@Query() query: PageQuery, @CurrentCaller() caller: Caller): Promise<Page<ModelResponse>> {
    return this.models.list(query, caller);
  }

  @Get(':model')
  @Requires('models:read')
  get(@Param() { model }: ModelParams, @CurrentCaller() caller: Caller): Promise<ModelResponse> {
    return this.models.get(model, caller);
  }
}
