import lit from 'eslint-plugin-lit';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const clocksAndDice = [
  { selector: "MemberExpression[object.name='Date'][property.name='now']", message: 'Take a Clock (shared/env.ts).' },
  { selector: "MemberExpression[object.name='Math'][property.name='random']", message: 'Take a Random (shared/env.ts).' },
  { selector: "MemberExpression[object.name='performance'][property.name='now']", message: 'Take a Clock (shared/env.ts).' },
  { selector: "CallExpression[callee.name=/^(setTimeout|setInterval)$/]", message: 'Take a Clock (shared/env.ts).' },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Take a Clock (shared/env.ts).' },
];

// The plugin's types are those of the configuration format before this one.
const litRules = /** @type {import('eslint').Linter.Config} */ (lit.configs?.['flat/recommended']);

export default defineConfig(
  { ignores: ['dist/', 'node_modules/', 'test-results/', '.cache/', 'docs/', 'public/'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.dom.json', './tsconfig.worker.json', './tsconfig.pure.json', './tsconfig.test.json', './tsconfig.node.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      // Our objects are closures: their methods have no `this` to lose.
      '@typescript-eslint/unbound-method': 'off',
      // An interface may ask for a promise where one implementation has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      eqeqeq: 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/shared/system-env.ts', 'src/testing/**', 'src/**/*.test.ts'],
    rules: { 'no-restricted-syntax': ['error', ...clocksAndDice] },
  },
  // Their types are in JSDoc. The compiler checks them; these rules see neither JSDoc's signatures nor its casts.
  {
    files: ['**/*.{js,mjs}'],
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
    },
  },
  { files: ['src/ui/**/*.ts'], ...litRules },
);
