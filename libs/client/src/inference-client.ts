import type { Datatype } from '@baton/contracts';
import { segment, type ServiceClient } from './http.js';

/** A tensor of the Open Inference Protocol v2, as JSON. */
export interface InferTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: number[];
  readonly data: unknown[];
}

export interface InferRequest {
  readonly id?: string;
  readonly parameters?: Record<string, unknown>;
  readonly inputs: InferTensor[];
  readonly outputs?: { readonly name: string }[];
}

export interface InferResponse {
  readonly model_name: string;
  readonly model_version: string;
  readonly id?: string;
  readonly parameters: { readonly prediction: string; readonly deployment: string; readonly digest: string };
  readonly outputs: InferTensor[];
}

/** The answer to rows by feature name. */
export interface PredictResponse {
  readonly prediction: string;
  readonly model: string;
  readonly version: number;
  readonly digest: string;
  readonly deployment: string;
  readonly rows: Record<string, unknown>[];
}

/** Predictions. */
export class InferenceClient {
  constructor(private readonly service: ServiceClient) {}

  infer(endpoint: string, request: InferRequest): Promise<InferResponse> {
    return this.service.request(`/v2/models/${segment(endpoint)}/infer`, { method: 'POST', json: request });
  }

  /** Rows by feature name. `eventTime`: when what is predicted about happened (ISO 8601), where the endpoint allows it. */
  predict(endpoint: string, rows: readonly Record<string, unknown>[], eventTime?: string): Promise<PredictResponse> {
    return this.service.request(`/v1/endpoints/${segment(endpoint)}/predict`, {
      method: 'POST',
      json: { rows, eventTime },
    });
  }

  /** The same from CSV text with a header. */
  predictCsv(endpoint: string, csv: string): Promise<PredictResponse> {
    return this.service.request(`/v1/endpoints/${segment(endpoint)}/predict`, {
      method: 'POST',
      body: csv,
      headers: { 'content-type': 'text/csv' },
    });
  }
}
