import { defineConfig } from 'vitest/config';

const resolve = { conditions: ['@baton/source'] };

/** A kind of test under `test/`: real Postgres and Kafka, one file at a time, since two cores are all there is. */
function suite(name: string, order: number) {
  return {
    resolve,
    ssr: { resolve },
    test: {
      name,
      include: [`test/${name}/**/*.spec.ts`],
      environment: 'node' as const,
      fileParallelism: false,
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
    projects: [
      {
        resolve,
        ssr: { resolve },
        test: {
          name: 'unit',
          include: ['{apps,libs,examples}/*/src/**/*.spec.ts'],
          environment: 'node',
          pool: 'threads',
          setupFiles: ['reflect-metadata'],
          sequence: { groupOrder: 0 },
        },
      },
      suite('integration', 1),
      suite('conformance', 2),
      suite('chaos', 3),
      suite('e2e', 4),
    ],
  },
});
