/** Opens windows, or opens them again for a late event. Rows are locked in the order given. */
export const OPEN_WINDOWS = `
  INSERT INTO windows (endpoint, starts_at, ends_at, project, closes_at, open, touched_at, revision)
  SELECT endpoint, starts_at, ends_at, project, closes_at, true, $1, 0
  FROM unnest($2::text[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::timestamptz[])
    AS given (endpoint, starts_at, ends_at, project, closes_at)
  ON CONFLICT (endpoint, starts_at, ends_at) DO UPDATE SET open = true, touched_at = excluded.touched_at`;

/** The parts that one partition has in some windows. */
export const PARTS_OF_PARTITION = `
  SELECT p.endpoint, p.starts_at AS "start", p.ends_at AS "end", p.model, p.version, p.digest,
    p.reference, p.state
  FROM window_parts p
  JOIN unnest($2::text[], $3::timestamptz[], $4::timestamptz[]) AS given (endpoint, starts_at, ends_at)
    ON p.endpoint = given.endpoint AND p.starts_at = given.starts_at AND p.ends_at = given.ends_at
  WHERE p.partition = $1`;

export const SAVE_PARTS = `
  INSERT INTO window_parts (endpoint, starts_at, ends_at, partition, model, version, digest, reference, state)
  SELECT "endpoint", "start", "end", $1, "model", "version", "digest", "reference", "state"
  FROM json_to_recordset($2::json) AS part ("endpoint" text, "start" timestamptz, "end" timestamptz, "model" text,
    "version" integer, "digest" text, "reference" text, "state" json)
  ON CONFLICT (endpoint, starts_at, ends_at, partition, model, version) DO UPDATE SET
    reference = excluded.reference, state = excluded.state`;

export const OPEN_AND_DUE = `
  SELECT endpoint, starts_at AS "start", ends_at AS "end", closes_at AS "closesAt", touched_at AS "touchedAt",
    closed_at AS "closedAt"
  FROM windows WHERE open AND closes_at <= $1 ORDER BY closes_at LIMIT 1000`;

export const LOCK_OPEN_WINDOW = `
  SELECT project, revision FROM windows
  WHERE endpoint = $1 AND starts_at = $2 AND ends_at = $3 AND open FOR UPDATE SKIP LOCKED`;

export const PARTS_OF_WINDOW = `
  SELECT partition, model, version, digest, reference, state FROM window_parts
  WHERE endpoint = $1 AND starts_at = $2 AND ends_at = $3`;

export const CLOSE_WINDOW = `
  UPDATE windows SET open = false, revision = $4, closed_at = $5, result = $6
  WHERE endpoint = $1 AND starts_at = $2 AND ends_at = $3`;

/** $2: project or null for all; $3, $4: bounds of the start; $5, $6: where the page before ended. */
export const CLOSED_WINDOWS = `
  SELECT result, starts_at AS "start", ends_at AS "end" FROM windows
  WHERE endpoint = $1 AND result IS NOT NULL
    AND ($2::text IS NULL OR project = $2)
    AND ($3::timestamptz IS NULL OR starts_at >= $3)
    AND ($4::timestamptz IS NULL OR starts_at < $4)
    AND ($5::timestamptz IS NULL OR (starts_at, ends_at) < ($5, $6::timestamptz))
  ORDER BY starts_at DESC, ends_at DESC LIMIT $7`;

export const PROJECTS_OF_ENDPOINT = `
  SELECT project FROM windows WHERE endpoint = $1
  UNION SELECT project FROM deployments WHERE endpoint = $1`;
