import type { PredictionLogged, WindowClosed } from '@baton/contracts';
import { segment, type ServiceClient } from './http.js';
import type { Page } from './registry-client.js';

/** One prediction with its whole descent. */
export interface PredictionResponse extends PredictionLogged {
  readonly approvedBy?: string;
  readonly approvedAt?: string;
  readonly registeredBy?: string;
  readonly registeredAt?: string;
  readonly deployedAt?: string;
  readonly metrics?: Record<string, number>;
}

export interface WindowResponse extends WindowClosed {
  readonly driftedFeatures: string[];
}

export interface WindowQuery {
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** Predictions, windows and drift. */
export class MonitoringClient {
  constructor(private readonly service: ServiceClient) {}

  prediction(id: string): Promise<PredictionResponse> {
    return this.service.request(`/v1/predictions/${segment(id)}`);
  }

  windows(endpoint: string, query: WindowQuery = {}): Promise<Page<WindowResponse>> {
    return this.service.request(`/v1/endpoints/${segment(endpoint)}/windows`, { query: { ...query } });
  }
}
