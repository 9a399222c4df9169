import { NAME_PATTERN, type WindowClosed } from '@baton/contracts';
import { PageQuery } from '@baton/service';
import { IsISO8601, IsOptional, Matches } from 'class-validator';

export class EndpointParams {
  @Matches(NAME_PATTERN)
  endpoint: string;
}

export class WindowsQuery extends PageQuery {
  /** Windows that start then or later. */
  @IsOptional()
  @IsISO8601({ strict: true })
  from?: string;

  /** Windows that start before. */
  @IsOptional()
  @IsISO8601({ strict: true })
  to?: string;
}

/** The latest revision of a closed window, and the names of what drifted in it. */
export interface WindowResponse extends WindowClosed {
  driftedFeatures: string[];
}

export function toResponse(window: WindowClosed): WindowResponse {
  const drifted = window.versions.flatMap(({ features }) => features.filter((feature) => feature.drifted));
  return { ...window, driftedFeatures: [...new Set(drifted.map(({ name }) => name))] };
}
