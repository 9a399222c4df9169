import { canSee, CurrentCaller, Requires, type Caller } from '@baton/access';
import { Database } from '@baton/database';
import { decodeCursor, page, PageQuery, type Page } from '@baton/service';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { Model } from './model.entity.js';
import { ModelParams, toResponse, type ModelResponse } from './models.dto.js';
import { modelNotFound } from './models.errors.js';
import { listModels } from './models.queries.js';

@Controller('v1/models')
export class ModelsController {
  constructor(private readonly database: Database) {}

  @Get()
  @Requires('models:read')
  async list(@Query() query: PageQuery, @CurrentCaller() caller: Caller): Promise<Page<ModelResponse>> {
    const after = query.cursor === undefined ? undefined : String(decodeCursor(query.cursor));
    const position = { limit: query.limit, ...(after === undefined ? {} : { after }) };
    const rows = await listModels(this.database.manager, caller, position);
    return page(rows, query.limit, (model) => model.name, toResponse);
  }

  @Get(':model')
  @Requires('models:read')
  async get(@Param() { model: name }: ModelParams, @CurrentCaller() caller: Caller): Promise<ModelResponse> {
    const model = await this.database.manager.findOneBy(Model, { name });
    if (!model || !canSee(caller, model.project)) throw modelNotFound(name);
    return toResponse(model);
  }
}
