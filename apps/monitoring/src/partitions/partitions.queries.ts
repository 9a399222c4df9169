/** Only one consumer at a time may apply a partition, even when the group has just moved it. */
export const LOCK_PARTITION = `
  INSERT INTO partitions (partition, position, at_end, checked_at) VALUES ($1, 0, false, $2)
  ON CONFLICT (partition) DO UPDATE SET checked_at = partitions.checked_at`;

export const SAVE_PARTITION = `
  INSERT INTO partitions (partition, position, at_end, checked_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (partition) DO UPDATE SET
    position = greatest(partitions.position, excluded.position),
    at_end = excluded.at_end,
    checked_at = excluded.checked_at`;

export const RAISE_WATERMARKS = `
  INSERT INTO watermarks (endpoint, partition, event_time)
  SELECT endpoint, $1, event_time FROM unnest($2::text[], $3::timestamptz[]) AS given (endpoint, event_time)
  ON CONFLICT (endpoint, partition) DO UPDATE SET
    event_time = greatest(watermarks.event_time, excluded.event_time)`;

export const PROGRESS_OF_ENDPOINT = `
  SELECT known.partition, mark.event_time AS "watermark", part.at_end AS "atEnd", part.checked_at AS "checkedAt"
  FROM (SELECT partition FROM partitions UNION SELECT generate_series(0, $2 - 1)) AS known
  LEFT JOIN partitions part ON part.partition = known.partition
  LEFT JOIN watermarks mark ON mark.partition = known.partition AND mark.endpoint = $1
  ORDER BY known.partition`;
