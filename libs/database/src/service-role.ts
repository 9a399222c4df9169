import { connectOnce, quoted } from './admin-connection.js';

export interface ServiceRole {
  /** Name of the schema, and of the role that owns it. */
  readonly schema: string;
  readonly password: string;
}

/**
 * Creates a role that may log in and owns its schema and nothing else; sets its password if it exists.
 * @param adminUrl a role that may create roles and schemas
 */
export async function createServiceRole(adminUrl: string, { schema, password }: ServiceRole): Promise<void> {
  const name = quoted(schema);
  await connectOnce(adminUrl, 'baton-setup', async (admin) => {
    await admin.query('select pg_advisory_lock(hashtext($1))', ['baton-roles']);
    const { rowCount } = await admin.query('select 1 from pg_roles where rolname = $1', [schema]);
    const verb = rowCount === 0 ? 'create' : 'alter';
    await admin.query(`${verb} role ${name} login password ${admin.escapeLiteral(password)}`);
    // Membership lets an admin that is no superuser give the schema away.
    await admin.query(`grant ${name} to current_user`).catch(() => undefined);
    await admin.query(`create schema if not exists ${name} authorization ${name}`);
    await admin.query(`alter schema ${name} owner to ${name}`);
    await admin.query(`alter role ${name} set search_path = ${name}`);
  });
}
