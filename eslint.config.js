import lit from 'eslint-plugin-lit';
import tseslint from 'typescript-eslint';

const clocksAndDice = [
  { selector: "MemberExpression[object.name='Date'][property.name='now']", message: 'Take a Clock (shared/env.ts).' },
  { selector: "MemberExpression[object.name='Math'][property.name='random']", message: 'Take a Random (shared/env.ts).' },
  { selector: "MemberExpression[object.name='performance'][property.name='now']", message: 'Take a Clock (shared/env.ts).' },
  { selector: "CallExpression[callee.name=/^(setTimeout|setInterval)$/]", message: 'Take a Clock (shared/env.ts).' },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Take a Clock (shared/env.ts).' },
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'test-results/', '.cache/', 'docs/', 'public/'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.dom.json', './tsconfig.worker.json', './tsconfig.pure.json', './tsconfig.node.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/shared/system-env.ts', 'src/**/*.test.ts'],
    rules: { 'no-restricted-syntax': ['error', ...clocksAndDice] },
  },
  { files: ['src/ui/**/*.ts'], ...lit.configs['flat/recommended'] },
);
