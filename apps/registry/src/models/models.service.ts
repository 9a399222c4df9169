import type { Caller } from '@baton/access';
import { NAME_PATTERN } from '@baton/contracts';
import { Database } from '@baton/database';
import { page, type Page, type PageQuery } from '@baton/service';
import { Injectable } from '@nestjs/common';
import { textCursor } from '../cursors.js';
import { toResponse, type ModelResponse } from './models.dto.js';
import { listModels, visibleModel } from './models.queries.js';

/** Models, as they are asked for. */
@Injectable()
export class ModelsService {
  constructor(private readonly database: Database) {}

  /** By name. @throws ServiceError 400 */
  async list({ limit, cursor }: PageQuery, caller: Caller): Promise<Page<ModelResponse>> {
    const after = textCursor(cursor, NAME_PATTERN) ?? '';
    const rows = await listModels(this.database.manager, caller, { limit, after });
    return page(rows, limit, (model) => model.name, toResponse);
  }

  /** @throws ServiceError 404 */
  async get(name: string, caller: Caller): Promise<ModelResponse> {
    return toResponse(await visibleModel(this.database.manager, name, caller));
  }
}
