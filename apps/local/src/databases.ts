import { createServiceRole } from '@baton/database';
import { runChild } from './children.js';
import { logFileOf } from './services.js';

/** The services that keep rows: a schema and a role each. */
export const schemas = ['registry', 'deployment', 'monitoring'] as const;

/** Address of the database for the role of one schema. */
export function roleUrl(adminUrl: string, schema: string, password: string): string {
  const url = new URL(adminUrl);
  url.username = schema;
  url.password = password;
  return url.href;
}

/** Creates what is missing: a role and a schema per service, and each service's tables by its own migrations. */
export async function prepareDatabase(adminUrl: string, password: string, home: string): Promise<void> {
  for (const schema of schemas) await createServiceRole(adminUrl, { schema, password });
  await Promise.all(
    schemas.map((schema) =>
      runChild({
        script: `${schema}/dist/migrate.js`,
        env: { DATABASE_URL: roleUrl(adminUrl, schema, password) },
        logFile: logFileOf(home, `${schema}-migrations`),
      }),
    ),
  );
}
