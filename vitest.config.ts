import { defineConfig } from 'vitest/config';

const resolve = { conditions: ['@baton/source'] };

/** A kind of test under `test/`. All of them share a real Postgres and Kafka. */
function suite(name: string) {
  return {
    resolve,
    ssr: { resolve },
    test: {
      name,
      include: [`test/${name}/**/*.spec.ts`],
      environment: 'node' as const,
      // Much of the time they wait.
      maxWorkers: 3,
      globalSetup: ['libs/testing/src/global-setup.ts'],
      pool: 'forks' as const,
      isolate: false,
      testTimeout: 120_000,
      hookTimeout: 240_000,
      sequence: { groupOrder: 1 },
    },
  };
}

export default defineConfig({
  test: {
    reporters: ['default', './test/support/count-reporter.ts'],
    maxConcurrency: 4,
    projects: [
      {
        resolve,
        ssr: { resolve },
        test: {
          name: 'unit',
          include: ['{apps,libs,examples}/*/src/**/*.spec.ts'],
          environment: 'node',
          pool: 'threads',
          // Nothing in them changes what others see: one start for all of them takes a third of the time.
          isolate: false,
          setupFiles: ['reflect-metadata'],
          sequence: { groupOrder: 0 },
        },
      },
      suite('integration'),
      suite('conformance'),
      suite('chaos'),
      suite('e2e'),
    ],
  },
});
