import { CurrentCaller, Requires, type Caller } from '@baton/access';
import { Controller, Get, Param } from '@nestjs/common';
import { PredictionParams, type PredictionResponse } from './predictions.dto.js';
import { PredictionsService } from './predictions.service.js';

@Controller('v1/predictions')
export class PredictionsController {
  constructor(private readonly predictions: PredictionsService) {}

  @Get(':prediction')
  @Requires('predictions:read')
  find(@Param() { prediction }: PredictionParams, @CurrentCaller() caller: Caller): Promise<PredictionResponse> {
    return this.predictions.find(prediction, caller);
  }
}
