import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Min,
  ValidateNested,
} from 'class-validator';
import { TensorRecord } from './tensors.js';
import { DIGEST_PATTERN, NAME_PATTERN } from './vocabulary.js';

/** Payload of `prediction.logged`: one prediction, answered or failed; a denied one has failed. */
export class PredictionLogged {
  @IsUUID()
  prediction: string;

  /** The caller's own request id. */
  @IsOptional()
  @IsString()
  @Length(0, 256)
  requestId?: string;

  @Matches(NAME_PATTERN)
  endpoint: string;

  @Matches(NAME_PATTERN)
  project: string;

  @IsUUID()
  deployment: string;

  @Matches(NAME_PATTERN)
  model: string;

  @IsInt()
  @Min(1)
  version: number;

  @Matches(DIGEST_PATTERN)
  digest: string;

  @IsUUID()
  replica: string;

  /** Counts this replica's records without a gap, over restarts too. */
  @IsInt()
  @Min(1)
  sequence: number;

  /** Key id of the caller. */
  @IsString()
  caller: string;

  @IsISO8601()
  receivedAt: string;

  /** When the thing predicted about happened: the caller's word where the endpoint allows it, else `receivedAt`. */
  @IsISO8601()
  eventTime: string;

  /** Milliseconds from the request's arrival to its record. */
  @IsNumber()
  @Min(0)
  latencyMs: number;

  @IsIn(['ok', 'failed'])
  outcome: 'ok' | 'failed';

  /** Why it failed. */
  @IsOptional()
  @IsString()
  @Length(0, 2000)
  error?: string;

  /** The same as a code, such as `not-cleared` for a caller whom the data policy denied. */
  @IsOptional()
  @Matches(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  @Length(1, 100)
  errorCode?: string;

  /** True for a shadow's answer to a copy of the request: nobody got it. */
  @IsOptional()
  @IsBoolean()
  shadow?: boolean;

  /** Rows scored. */
  @IsInt()
  @Min(0)
  rows: number;

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => TensorRecord)
  inputs: TensorRecord[];

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => TensorRecord)
  outputs: TensorRecord[];
}
