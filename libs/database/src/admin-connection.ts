import pg from 'pg';

const CONNECT_TIMEOUT_MS = 10_000;

/** Runs the work on one connection of its own. Advisory locks taken there end with it. */
export async function connectOnce<T>(
  url: string,
  applicationName: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // A connection that breaks while it is idle tells so here, and stops the next statement; it must not stop the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** @throws Error when the name could not be a schema's without quotes */
export function quoted(name: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name)) throw new Error(`"${name}" is no name for a schema`);
  return `"${name}"`;
}
