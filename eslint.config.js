import tseslint from 'typescript-eslint';

// The house has floors: a file may import from its own floor and from those below, never from above.
const floors = ['engine', 'data', 'sql', 'cli'];

const layerRules = floors.slice(0, -1).map((floor, index) => ({
  files: [`src/${floor}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^\\.\\.?/(.*/)?(${floors.slice(index + 1).join('|')})/`,
            message: `src/${floor} may not import from a floor above it (cli → sql → data → engine → kernels).`,
          },
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['dist', 'node_modules', '.cache', '.bare', 'coverage', 'runs', 'corpora'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always'],
    },
  },
  ...layerRules,
);
