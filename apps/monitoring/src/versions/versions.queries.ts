/** Sets what is still unknown of a version; what is known of it never changes. */
export const SAVE_VERSION = `
  INSERT INTO versions AS known (model, version, project, digest, inputs, outputs, features, reference, metrics, signer,
    registered_by, registered_at, approved_by, approved_at, approval_reason)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
  ON CONFLICT (model, version) DO UPDATE SET
    reference = coalesce(known.reference, excluded.reference),
    metrics = coalesce(known.metrics, excluded.metrics),
    signer = coalesce(known.signer, excluded.signer),
    registered_by = coalesce(known.registered_by, excluded.registered_by),
    registered_at = coalesce(known.registered_at, excluded.registered_at),
    approved_by = coalesce(known.approved_by, excluded.approved_by),
    approved_at = coalesce(known.approved_at, excluded.approved_at),
    approval_reason = coalesce(known.approval_reason, excluded.approval_reason)`;

export const SAVE_DEPLOYMENT = `
  INSERT INTO deployments AS known (deployment, endpoint, project, model, version, digest, requested_by,
    requested_at, deployed_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT (deployment) DO UPDATE SET
    requested_at = coalesce(known.requested_at, excluded.requested_at),
    deployed_at = coalesce(known.deployed_at, excluded.deployed_at)`;

export const SIGNATURE_OF_VERSION = `
  SELECT inputs, outputs, features, reference FROM versions WHERE model = $1 AND version = $2`;
