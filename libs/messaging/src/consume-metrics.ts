import { counter, gauge, histogram } from '@baton/telemetry';

/** Events by what became of them: handled, duplicate, failed (a try), dead-letter. */
export const eventsTotal = counter('events_consumed_total', 'Events by type and what became of them', [
  'type',
  'outcome',
]);

/** Records between what a partition has and what was applied, as of the last batch. */
export const lag = gauge('consumer_lag', 'Records of a partition that are not applied yet', ['type', 'partition']);

export const handlerSeconds = histogram('event_handler_seconds', 'Time of a handler for one event or batch', {
  labels: ['type'],
  buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
});
