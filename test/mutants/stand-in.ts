import * as tools from '@vitest/expect';

// Stands in for vitest while faults are planted in src/sql: it collects the tests, and test/mutants/sql-child.ts runs them
// again and again in one process.

type Body = (...args: never[]) => unknown;
export interface Planned {
  name: string;
  run: () => unknown;
}

const planned: Planned[] = [];
const before: (() => unknown)[] = [];

const { chai } = tools;
chai.use(tools.JestExtend);
chai.use(tools.JestChaiExpect);
chai.use(tools.JestAsymmetricMatchers);

export const expect = Object.assign(
  (value: unknown, message?: string) => {
    tools.setState({ assertionCalls: 0 } as never, expect as never);
    return chai.expect(value, message);
  },
  {
    objectContaining: (value: object) => new tools.ObjectContaining(value as never),
    stringContaining: (value: string) => new tools.StringContaining(value),
    stringMatching: (value: string | RegExp) => new tools.StringMatching(value),
    arrayContaining: (value: unknown[]) => new tools.ArrayContaining(value),
    any: (type: unknown) => new tools.Any(type),
    fail: (message: string) => chai.expect.fail(message),
  },
);

const prefix: string[] = [];

function plan(name: string, run: () => unknown): void {
  planned.push({ name: [...prefix, name].join(' > '), run });
}

function inGroup(name: string, body: () => void): void {
  prefix.push(name);
  body();
  prefix.pop();
}

/** `each(cases)(name, body)`: arrays are spread over the arguments. */
const each =
  (add: (name: string, body: () => never) => void) =>
  (cases: readonly unknown[]) =>
  (name: string, body: Body): void => {
    cases.forEach((one, i) => {
      const args = (Array.isArray(one) ? one : [one]) as never[];
      add(`${name} (${i})`, () => body(...args) as never);
    });
  };

export const test = Object.assign((name: string, body: () => unknown) => plan(name, body), {
  each: each(plan),
});
export const it = test;
export const describe = Object.assign(inGroup, { each: each(inGroup) });
export const beforeAll = (body: () => unknown): number => before.push(body);
/** The process ends after the tests. */
export const afterAll = (): void => {};

/** The tests of the files that were loaded, in their order. */
export function plannedTests(): readonly Planned[] {
  return planned;
}

/** What has to run before them. */
export function hooksBefore(): readonly (() => unknown)[] {
  return before;
}
