export const LAST_SEQUENCES = `
  SELECT replica, last FROM replica_logs WHERE partition = $1 AND replica = ANY ($2::uuid[])`;

export const COUNT_RECORDS = `
  INSERT INTO replica_logs (partition, replica, last, received)
  SELECT $1, replica, last, received FROM unnest($2::uuid[], $3::bigint[], $4::bigint[]) AS given (replica, last, received)
  ON CONFLICT (partition, replica) DO UPDATE SET
    last = greatest(replica_logs.last, excluded.last),
    received = replica_logs.received + excluded.received`;

/** $2: a project whose predictions the replica must have answered, or null for any. */
export const LOG_OF_REPLICA = `
  SELECT sum(received)::bigint AS received, max(last) AS highest FROM replica_logs
  WHERE replica = $1
    AND ($2::text IS NULL OR EXISTS (SELECT FROM predictions WHERE replica = $1 AND project = $2))
  HAVING count(*) > 0`;
