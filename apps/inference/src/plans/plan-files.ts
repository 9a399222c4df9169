import { parsePayload, type ServingPlan } from '@baton/contracts';
import { createLogger } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { readdirSync, readFileSync } from 'node:fs';
import { DataDir } from '../data-dir.js';
import { removeDurably, writeDurably } from '../durable-files.js';

const log = createLogger('plans');

/** The last good plan of each endpoint, for a start with everything else away. */
@Injectable()
export class PlanFiles {
  constructor(private readonly dataDir: DataDir) {}

  write(plan: ServingPlan): void {
    writeDurably(this.fileOf(plan.endpoint), JSON.stringify(plan));
  }

  remove(endpoint: string): void {
    removeDurably(this.fileOf(endpoint));
  }

  /** As they were written; whether they are authentic is for the reader to check. */
  readAll(): ServingPlan[] {
    const names = readdirSync(this.dataDir.path('plans')).filter((name) => name.endsWith('.json'));
    return names.flatMap((name) => {
      try {
        const said: unknown = JSON.parse(readFileSync(this.dataDir.path('plans', name), 'utf8'));
        return [plainPlan(parsePayload('serving.plan', said))];
      } catch (error) {
        log.error('a saved plan cannot be read and is left out', { file: name, error });
        return [];
      }
    });
  }

  private fileOf(endpoint: string): string {
    return this.dataDir.path('plans', `${endpoint}.json`);
  }
}

/** The plan as it was signed: fields that a class declares but nobody set are not part of it. */
export function plainPlan(plan: ServingPlan): ServingPlan {
  return JSON.parse(JSON.stringify(plan)) as ServingPlan;
}
