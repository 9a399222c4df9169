import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
let planted: string | undefined;

/** Lints a project as `npm run lint` does, with one more file in it. */
function lintWith(project: string, folder: string, source: string): { status: number | null; output: string } {
  planted = `${root}${folder}/planted-import.ts`;
  writeFileSync(planted, source);
  const run = spawnSync('npx', ['nx', 'run', `@baton/${project}:lint`, '--skip-nx-cache'], {
    cwd: root,
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, NX_DAEMON: 'false' },
  });
  return { status: run.status, output: `${run.stdout}${run.stderr}` };
}

afterEach(() => {
  if (planted) rmSync(planted, { force: true });
});

describe('npm run lint', () => {
  it('refuses a library that imports above itself, and kafkajs outside messaging', { timeout: 150_000 }, () => {
    const source =
      "import { Kafka } from 'kafkajs';\nimport { eventTypes } from '@baton/contracts';\nexport const planted = [Kafka, eventTypes];\n";
    const { status, output } = lintWith('signing', 'libs/signing/src', source);
    expect(output).toContain('Only libs/messaging may import kafkajs');
    expect(output).toContain('@nx/enforce-module-boundaries');
    expect(status).not.toBe(0);
  });

  it('refuses an app that imports an app', { timeout: 150_000 }, () => {
    const source = "import { cliConnection } from '@baton/cli/config';\nexport const planted = cliConnection;\n";
    const { status, output } = lintWith('local', 'apps/local/src', source);
    expect(output).toContain('@nx/enforce-module-boundaries');
    expect(status).not.toBe(0);
  });
});
