import type { EndpointPolicy } from '@baton/contracts';
import { invalidField } from './requests.errors.js';

const ISO = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2}))?$/i;

/**
 * When the thing predicted about happened.
 * @param given the caller's `event_time`: ISO 8601, a date (in UTC) or a time with its offset
 * @throws ServiceError 400 when the endpoint does not believe callers, or it is no time
 */
export function eventTimeOf(given: unknown, policy: Pick<EndpointPolicy, 'eventTime'>, receivedAt: Date): string {
  if (given === undefined || given === null) return receivedAt.toISOString();
  if (!policy.eventTime) {
    throw invalidField('event_time', 'this endpoint takes the time of the request; its policy must allow event_time');
  }
  if (typeof given !== 'string' || !ISO.test(given) || Number.isNaN(Date.parse(given))) {
    throw invalidField('event_time', 'must be a time in ISO 8601 with its offset, as 2015-06-01T12:00:00Z');
  }
  return new Date(given).toISOString();
}
