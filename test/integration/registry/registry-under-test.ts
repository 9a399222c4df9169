import { createAccessKey } from '@baton/access';
import { roles, type Role } from '@baton/contracts';
import { runMigrations } from '@baton/database';
import { RegistryConfig } from '@baton/registry/config';
import { registrySchema } from '@baton/registry/schema';
import { registryService } from '@baton/registry/service';
import { createService, type RunningService } from '@baton/service';
import { generateSigningKey } from '@baton/signing';
import { waitFor, type TestKafka } from '@baton/testing';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RegistryUnderTest {
  readonly service: RunningService;
  readonly config: RegistryConfig;
  readonly folder: string;
  /** Headers of a key for each role. */
  readonly as: Readonly<Record<Role, Record<string, string>>>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  push(model: string, parts: PushParts, headers?: Record<string, string>): Promise<Response>;
  /** Files that the store holds, those on their way too. */
  storedFiles(): string[];
  close(): Promise<void>;
}

export interface PushParts {
  readonly model?: Uint8Array;
  readonly reference?: string;
  readonly metrics?: string;
  readonly signature?: string;
  readonly project?: string;
  readonly [other: string]: unknown;
}

/** A registry with keys of all roles, on its own database and topics. */
export async function startRegistry(
  url: string,
  kafka: TestKafka,
  change: Partial<RegistryConfig> = {},
): Promise<RegistryUnderTest> {
  const { schema, migrations } = registrySchema;
  await runMigrations({ url, schema, migrations });
  const folder = mkdtempSync(join(tmpdir(), 'baton-registry-'));
  mkdirSync(join(folder, 'signers'));
  const keys = roles.map((role) => ({ role, ...createAccessKey({ name: `test-${role}`, roles: [role] }) }));
  const bootstrap = keys.map(({ key, role }) => ({ key, name: `test-${role}`, roles: [role], project: null }));
  writeFileSync(join(folder, 'bootstrap.json'), JSON.stringify(bootstrap));
  const signing = generateSigningKey();
  writeFileSync(join(folder, 'registry.pem'), signing.privateKeyPem);
  writeFileSync(join(folder, 'registry.pub.pem'), signing.publicKeyPem);
  const config = Object.assign(new RegistryConfig(), {
    port: 0,
    databaseUrl: url,
    kafkaBrokers: kafka.brokers,
    kafkaPrefix: kafka.prefix,
    artifactDir: join(folder, 'artifacts'),
    signingKeyFile: join(folder, 'registry.pem'),
    bootstrapKeyFile: join(folder, 'bootstrap.json'),
    trustedSignersDir: join(folder, 'signers'),
    trialTimeoutMs: 8000,
    ...change,
  });
  const service = await createService(registryService, config);
  const as = Object.fromEntries(keys.map(({ role, key }) => [role, { authorization: `Bearer ${key}` }]));
  const headersByRole = as as unknown as Record<Role, Record<string, string>>;
  const get = (path: string, headers = headersByRole.admin) => fetch(`${service.url}${path}`, { headers });
  await waitFor(async () => ((await get('/v1/whoami')).ok ? true : undefined), { what: 'the standing keys' });
  return {
    service,
    config,
    folder,
    as: headersByRole,
    get,
    post: (path, body, headers = headersByRole.admin) =>
      fetch(`${service.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    push: (model, parts, headers = headersByRole.scientist) =>
      fetch(`${service.url}/v1/models/${model}/versions`, { method: 'POST', headers, body: formOf(parts) }),
    storedFiles: () =>
      readdirSync(join(folder, 'artifacts'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name),
    close: async () => {
      await service.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function formOf({ project, ...files }: PushParts): FormData {
  const form = new FormData();
  if (project !== undefined) form.set('project', project);
  for (const [name, content] of Object.entries(files)) form.set(name, new Blob([content as string]), `${name}.bin`);
  return form;
}
