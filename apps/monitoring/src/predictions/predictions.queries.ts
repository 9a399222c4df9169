/** $1: a JSON array of records. Gives the ids of those that are new; one that comes twice in the array is one. */
export const INSERT_PREDICTIONS = `
  INSERT INTO predictions (prediction, endpoint, project, deployment, model, version, digest, replica, sequence,
    request_id, caller, received_at, event_time, latency_ms, outcome, error, rows, inputs, outputs, partition, "offset",
    error_code, shadow)
  SELECT * FROM json_to_recordset($1::json) AS record (
    "prediction" uuid, "endpoint" text, "project" text, "deployment" uuid, "model" text, "version" integer,
    "digest" text, "replica" uuid, "sequence" bigint, "requestId" text, "caller" text, "receivedAt" timestamptz,
    "eventTime" timestamptz, "latencyMs" double precision, "outcome" text, "error" text, "rows" integer,
    "inputs" json, "outputs" json, "partition" integer, "offset" bigint,
    "errorCode" text, "shadow" boolean)
  ON CONFLICT (prediction) DO NOTHING
  RETURNING prediction`;

export const PREDICTION_WITH_DESCENT = `
  SELECT p.prediction, p.request_id AS "requestId", p.endpoint, p.project, p.deployment, p.model, p.version, p.digest,
    p.replica, p.sequence, p.caller, p.received_at AS "receivedAt", p.event_time AS "eventTime",
    p.latency_ms AS "latencyMs", p.outcome, p.error, p.error_code AS "errorCode", p.shadow, p.rows, p.inputs, p.outputs, p.partition, p."offset",
    v.registered_by AS "registeredBy", v.registered_at AS "registeredAt", v.signer, v.metrics, v.reference,
    v.approved_by AS "approvedBy", v.approved_at AS "approvedAt", v.approval_reason AS "approvalReason",
    d.requested_by AS "deployedBy", d.deployed_at AS "deployedAt"
  FROM predictions p
  LEFT JOIN versions v ON v.model = p.model AND v.version = p.version AND v.digest = p.digest
  LEFT JOIN deployments d ON d.deployment = p.deployment
  WHERE p.prediction = $1`;

export const DELETE_OLD_PREDICTIONS = `
  DELETE FROM predictions WHERE prediction IN (
    SELECT prediction FROM predictions WHERE received_at < $1 ORDER BY received_at LIMIT $2)
  RETURNING prediction`;
