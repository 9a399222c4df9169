import { DeploymentConfig } from '@baton/deployment/config';
import { InferenceConfig } from '@baton/inference/config';
import { LocalConfig } from '@baton/local/config';
import { MonitoringConfig } from '@baton/monitoring/config';
import { RegistryConfig } from '@baton/registry/config';
import { variableName } from '@baton/service';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
const set = new Map([...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [String(name), String(value)]));
const named = new Set([...text.matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name]) => String(name)));
const configs = [RegistryConfig, DeploymentConfig, InferenceConfig, MonitoringConfig, LocalConfig].map((C) => new C());
const variables = configs.flatMap((config) =>
  Object.entries(config).map(([field, standard]) => [variableName(field), standard as string | undefined] as const),
);

describe('.env.example', () => {
  it.each([...new Set(variables.map(([name]) => name))])('names %s', (name) => expect(named).toContain(name));

  it('names nothing else', () => {
    const known = new Set(variables.map(([name]) => name));
    expect([...named].filter((name) => !known.has(name))).toEqual([]);
  });

  it('has the defaults', () => {
    for (const [name, standard] of variables) {
      const written = set.get(name);
      if (written !== undefined && standard !== undefined) expect(`${name}=${written}`).toBe(`${name}=${standard}`);
    }
  });
});
