import tseslint from 'typescript-eslint';

// The house has floors: a file may import from its own floor and from those that its floor stands on.
const floors = {
  base: [],
  tsql: ['base'],
  engine: ['base'],
  data: ['base', 'tsql', 'engine'],
  sql: ['base', 'tsql', 'engine', 'data'],
  serve: ['base', 'tsql', 'engine', 'data', 'sql'],
  cli: ['base', 'tsql', 'engine', 'data', 'sql', 'serve'],
};

const layerRules = Object.entries(floors).map(([floor, below]) => {
  const forbidden = Object.keys(floors).filter((other) => other !== floor && !below.includes(other));
  const message = `src/${floor} may import from ${['itself', ...below].join(', ')} only.`;
  // Inside src/, the package's public names would lead around the floors.
  const patterns = [{ regex: '^openward(/|$)', message: 'src/ imports its own files by relative paths.' }];
  const above = `^\\.\\.?/(.*/)?(${forbidden.join('|')})/`;
  if (forbidden.length > 0) patterns.push({ regex: above, message });
  // no-restricted-imports does not see `import('…')`, neither as an expression nor as a type.
  const dynamic = patterns.flatMap(({ regex, message: text }) => {
    const value = `[value=/${regex.replaceAll('/', '\\u002F')}/]`;
    return [
      { selector: `ImportExpression > Literal${value}`, message: text },
      { selector: `TSImportType Literal${value}`, message: text },
    ];
  });
  return {
    files: [`src/${floor}/**/*.ts`],
    rules: {
      'no-restricted-imports': ['error', { patterns }],
      'no-restricted-syntax': ['error', ...dynamic],
    },
  };
});

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
