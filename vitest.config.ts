import { defineConfig } from 'vitest/config';

const resolve = { conditions: ['@baton/source'] };

/** A kind of test under `test/`, one file at a time, since two cores are all there is; `backed` ones share a real Postgres and Kafka. */
function suite(name: string, order: number, backed: boolean) {
  return {
    resolve,
    ssr: { resolve },
    test: {
      name,
      include: [`test/${name}/**/*.spec.ts`],
      environment: 'node' as const,
      fileParallelism: false,
      ...(backed ? { globalSetup: ['libs/testing/src/global-setup.ts'] } : {}),
      pool: 'forks' as const,
      testTimeout: 60_000,
      hookTimeout: 120_000,
      sequence: { groupOrder: order },
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
      suite('integration', 1, true),
      suite('conformance', 2, true),
      suite('chaos', 3, true),
      suite('e2e', 4, false),
    ],
  },
});
