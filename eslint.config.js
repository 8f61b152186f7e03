import tseslint from 'typescript-eslint';

// Tests call with wrong arguments on purpose, so that much in them is `any`.
const unsafe = {
  '@typescript-eslint/no-unsafe-argument': 'off',
  '@typescript-eslint/no-unsafe-assignment': 'off',
  '@typescript-eslint/no-unsafe-call': 'off',
  '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
  '@typescript-eslint/no-unsafe-member-access': 'off',
  '@typescript-eslint/no-unsafe-return': 'off',
};

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'node_modules/',
      '.stryker-tmp/',
      'bench/results/',
      'results/',
      'docs/api/',
      'kernels/simd/',
      'kernels/gpu/generated/',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/await-thenable': ['error', { allowMixedPromiseArrays: true }], // engines answer at once or later
      '@typescript-eslint/no-non-null-assertion': 'off', // indices are checked by loop bounds; see docs/architecture.md
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/unbound-method': 'off', // objects of functions are destructured everywhere; none uses `this`
      '@typescript-eslint/no-unnecessary-type-parameters': 'off', // a caller says what the attributes are, which a table holds as any
      '@typescript-eslint/unified-signatures': 'off',
      'prefer-const': 'error',
      'max-len': ['error', { code: 1000, comments: 100, ignoreUrls: true, ignorePattern: 'eslint-disable' }], // prettier wraps code
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { globals: ['process', 'performance', 'setTimeout', 'fetch', 'console'], checkGlobalObject: true },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Tensor']", message: 'Use owning, sharing or lent of core/storage.ts.' },
      ],
      'max-lines-per-function': ['error', { max: 60, skipComments: true, skipBlankLines: true }],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random' },
        { object: 'Date', property: 'now' },
      ],
    },
  },
  { files: ['src/debug/clock.ts'], rules: { 'no-restricted-globals': 'off' } },
  { files: ['src/core/storage.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['test/**/*.ts'],
    rules: {
      ...unsafe,
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
    },
  },
  {
    // The last three are what tsconfig.json excludes.
    files: [
      '**/*.{js,cjs,mjs}',
      'bench/peak/simd/**/*.ts',
      'bench/peers/libraries/{jax-js,tfjs}.ts',
      'bench/peers/web/**/*.ts',
    ],
    ...tseslint.configs.disableTypeChecked,
  },
  { files: ['**/*.cjs'], languageOptions: { globals: { module: 'writable' } }, rules: { 'no-undef': 'off' } },
);
