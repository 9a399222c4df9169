import { createAccessKey } from '@baton/access';
import type { Role } from '@baton/contracts';
import { generateSigningKey } from '@baton/signing';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An access key that exists from the first start on. */
interface StandingKey {
  readonly name: string;
  readonly roles: Role[];
}

/** People get admin and approver, since nobody approves his own version; services may read artifacts. */
const standingKeys = {
  admin: { name: 'local-admin', roles: ['admin'] },
  approver: { name: 'local-approver', roles: ['approver'] },
  inference: { name: 'service-inference', roles: ['viewer'] },
  monitoring: { name: 'service-monitoring', roles: ['viewer'] },
} as const satisfies Record<string, { name: string; roles: readonly Role[] }>;

export type StandingKeyName = keyof typeof standingKeys;

/** Everything secret that one machine's platform holds; made once, kept in `$BATON_HOME/keys` with mode 0600. */
export interface LocalKeys {
  readonly access: Readonly<Record<StandingKeyName, string>>;
  readonly postgresPassword: string;
  /** File with the standing keys, for the registry's first boot. */
  readonly bootstrapFile: string;
  keyFile(name: StandingKeyName): string;
  signingKeyFile(service: 'registry' | 'deployment'): string;
  publicKeyFile(service: 'registry' | 'deployment'): string;
}

/** Reads the keys of this home, making those that are missing. */
export function prepareKeys(home: string, databasePassword?: string): LocalKeys {
  const folder = join(home, 'keys');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = (name: string) => join(folder, name);
  for (const service of ['registry', 'deployment'] as const) {
    if (existsSync(file(`${service}.pub.pem`))) continue;
    const pair = generateSigningKey();
    secret(file(`${service}.pem`), pair.privateKeyPem);
    writeFileSync(file(`${service}.pub.pem`), pair.publicKeyPem);
  }
  const names = Object.keys(standingKeys) as StandingKeyName[];
  const access = Object.fromEntries(names.map((name) => [name, accessKey(file(`${name}.key`), standingKeys[name])]));
  const bootstrap = names.map((name) => ({ key: access[name], ...standingKeys[name], project: null }));
  secret(file('bootstrap.json'), JSON.stringify(bootstrap, null, 2));
  return {
    access: access as LocalKeys['access'],
    postgresPassword: databasePassword ?? kept(file('postgres.password'), () => randomBytes(24).toString('base64url')),
    bootstrapFile: file('bootstrap.json'),
    keyFile: (name) => file(`${name}.key`),
    signingKeyFile: (service) => file(`${service}.pem`),
    publicKeyFile: (service) => file(`${service}.pub.pem`),
  };
}

function accessKey(file: string, standing: { readonly name: string; readonly roles: readonly Role[] }): string {
  const { name, roles }: StandingKey = { name: standing.name, roles: [...standing.roles] };
  return kept(file, () => createAccessKey({ name, roles, project: null, expiresAt: null }).key);
}

function kept(file: string, make: () => string): string {
  if (!existsSync(file)) secret(file, make());
  return readFileSync(file, 'utf8').trim();
}

function secret(file: string, content: string): void {
  writeFileSync(file, content, { mode: 0o600 });
}
