import { canSee, type Caller } from '@baton/access';
import { Database } from '@baton/database';
import { ServiceError } from '@baton/service';
import { Injectable } from '@nestjs/common';
import { toResponse, type PredictionResponse, type PredictionRow } from './predictions.dto.js';
import { PREDICTION_WITH_DESCENT } from './predictions.queries.js';

@Injectable()
export class PredictionsService {
  constructor(private readonly database: Database) {}

  async find(prediction: string, caller: Caller): Promise<PredictionResponse> {
    const rows: PredictionRow[] = await this.database.manager.query(PREDICTION_WITH_DESCENT, [prediction]);
    const [row] = rows;
    if (!row || !canSee(caller, row.project)) {
      throw new ServiceError('prediction-unknown', `there is no prediction ${prediction}`, { status: 404 });
    }
    return toResponse(row);
  }
}
