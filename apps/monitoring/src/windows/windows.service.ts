import { canSee, type Caller } from '@baton/access';
import type { WindowClosed } from '@baton/contracts';
import { Database } from '@baton/database';
import { decodeCursor, invalidRequest, page, ServiceError, type Page } from '@baton/service';
import { Injectable } from '@nestjs/common';
import { EndpointPlans } from '../versions/endpoint-plans.js';
import { toResponse, type WindowResponse, type WindowsQuery } from './windows.dto.js';
import { CLOSED_WINDOWS, PROJECTS_OF_ENDPOINT } from './windows.queries.js';

interface ClosedRow {
  start: Date;
  end: Date;
  result: WindowClosed;
}

/** Closed windows, the latest first. */
@Injectable()
export class WindowsService {
  constructor(
    private readonly database: Database,
    private readonly plans: EndpointPlans,
  ) {}

  async list(endpoint: string, query: WindowsQuery, caller: Caller): Promise<Page<WindowResponse>> {
    await this.assertVisible(endpoint, caller);
    const { from, to, limit, cursor } = query;
    const [beforeStart, beforeEnd] = cursor === undefined ? [null, null] : readCursor(cursor);
    const rows: ClosedRow[] = await this.database.manager.query(CLOSED_WINDOWS, [
      ...[endpoint, caller.project, from ?? null, to ?? null, beforeStart, beforeEnd],
      limit + 1,
    ]);
    return page(rows, limit, cursorOf, ({ result }) => toResponse(result));
  }

  private async assertVisible(endpoint: string, caller: Caller): Promise<void> {
    const project = this.plans.projectOf(endpoint);
    if (project !== undefined && canSee(caller, project)) return;
    const rows: { project: string }[] = await this.database.manager.query(PROJECTS_OF_ENDPOINT, [endpoint]);
    if (rows.some((row) => canSee(caller, row.project))) return;
    throw new ServiceError('endpoint-unknown', `there is no endpoint ${endpoint}`, { status: 404 });
  }
}

function cursorOf({ start, end }: ClosedRow): string {
  return `${start.toISOString()}/${end.toISOString()}`;
}

function readCursor(cursor: string): [start: string, end: string] {
  const [start = '', end = ''] = String(decodeCursor(cursor)).split('/');
  if (!Number.isNaN(Date.parse(start)) && !Number.isNaN(Date.parse(end))) return [start, end];
  throw invalidRequest([{ field: 'cursor', message: 'must be the nextCursor of the page before' }]);
}
