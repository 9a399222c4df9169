import type { TensorRecord } from '@baton/contracts';
import { IsUUID } from 'class-validator';

export class PredictionParams {
  @IsUUID()
  prediction: string;
}

/** What the query gives: absent facts are null, 64-bit numbers are text. */
export interface PredictionRow {
  prediction: string;
  requestId: string | null;
  endpoint: string;
  project: string;
  deployment: string;
  model: string;
  version: number;
  digest: string;
  replica: string;
  sequence: string;
  caller: string;
  receivedAt: Date;
  eventTime: Date;
  latencyMs: number;
  outcome: 'ok' | 'failed';
  error: string | null;
  errorCode: string | null;
  /** It answered a copy of a request, and nobody got the answer. */
  shadow: boolean;
  rows: number;
  inputs: TensorRecord[];
  outputs: TensorRecord[];
  partition: number;
  offset: string;
  registeredBy: string | null;
  registeredAt: Date | null;
  signer: string | null;
  metrics: Record<string, number> | null;
  reference: string | null;
  approvedBy: string | null;
  approvedAt: Date | null;
  approvalReason: string | null;
  deployedBy: string | null;
  deployedAt: Date | null;
}

/** One prediction with its descent: which bytes answered, on whose word they are there. Unknown facts are absent. */
export type PredictionResponse = Partial<Omit<PredictionRow, 'sequence' | 'offset' | 'partition'>> & {
  sequence: number;
  /** Where it stands in `prediction.logged`. */
  offset: { partition: number; offset: string };
};

export function toResponse({ partition, offset, sequence, ...row }: PredictionRow): PredictionResponse {
  const known = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
  return { ...known, sequence: Number(sequence), offset: { partition, offset } };
}
