/** A fault that changes nothing, or nothing but which error comes: no test can or need notice it. */
interface Judged {
  file: string;
  what: string;
  /** The line that it is in. */
  text: string;
  why: string;
}

const JUDGED: readonly Judged[] = [
  {
    file: 'src/sql/renderer/literal.ts',
    what: 'not type',
    text: "throw new RenderError('type', `${value.name} cannot be written as ${type.base}`, value.name);",
    why: 'the validator refuses a comparison with a type that no literal has before the renderer sees it',
  },
  {
    file: 'src/sql/renderer/literal.ts',
    what: 'always',
    text: "if (literal.tree.kind === 'string') {",
    why: 'a quoted literal is always a string',
  },
  {
    file: 'src/sql/renderer/literal.ts',
    what: 'always the second',
    text: 'year: year === undefined ? undefined : Number(year),',
    why: 'no year becomes NaN, which is refused as undefined is',
  },
  {
    file: 'src/sql/renderer/same-tree.ts',
    what: '|| becomes &&',
    text: "if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return a === b;",
    why: 'null beside an object ends in another error; the statement does not come out either way',
  },
  {
    file: 'src/sql/grammar/choice.ts',
    what: '>= becomes >',
    text: 'if (encoded.size >= 1 << 16) encoded.clear();',
    why: 'one text more is kept in memory',
  },
  {
    file: 'src/sql/grammar/join-plan.ts',
    what: 'always',
    text: 'if (this.#found.size >= MEMORY) this.#found.clear();',
    why: 'plans are looked for again, and the same ones are found',
  },
  {
    file: 'src/sql/grammar/statement.ts',
    what: 'one more',
    text: '? [text(ANY_ROW, () => alone(scope, { ...selected, aggregates: 1 }))]',
    why: 'only whether there is an aggregate matters, not how many',
  },
  {
    file: 'src/sql/validator/arguments.ts',
    what: 'not any',
    text: "if (kind === 'any' || kind === 'written') return typer.placeholders.settle(node);",
    why: 'functions of any value (COALESCE, ISNULL, NULLIF, COUNT) are typed before',
  },
  {
    file: 'src/sql/validator/arguments.ts',
    what: 'not any',
    text: "if (kind === 'any') return type;",
    why: 'functions of any value (COALESCE, ISNULL, NULLIF, COUNT) are typed before',
  },
  {
    file: 'src/sql/validator/constant-days.ts',
    what: 'one more',
    text: 'const MAX_INT = 2_147_483_647;',
    why: 'no whole number of days has one second, or one millisecond, more',
  },
  {
    file: 'src/sql/validator/binder.ts',
    what: 'one more',
    text: "typer.problems.add('top-not-integer', top, 'TOP takes a whole number within the range of bigint');",
    why: 'a message shows one character more',
  },
  {
    file: 'src/sql/grammar/choice.ts',
    what: 'one more',
    text: 'if (encoded.size >= 1 << 16) encoded.clear();',
    why: 'more texts are kept in memory',
  },
  {
    file: 'src/sql/grammar/choice.ts',
    what: 'no call',
    text: 'if (encoded.size >= 1 << 16) encoded.clear();',
    why: 'more texts are kept in memory',
  },
  {
    file: 'src/sql/grammar/join-plan.ts',
    what: 'never',
    text: 'if (plan !== undefined || this.#found.has(key)) return plan;',
    why: 'plans are looked for again, and the same ones are found',
  },
  {
    file: 'src/sql/grammar/join-search.ts',
    what: 'one more',
    text: 'const SEARCH_LIMIT = 200;',
    why: 'the search gives up one state later',
  },
  {
    file: 'src/sql/grammar/join-search.ts',
    what: 'one more',
    text: 'const sets = first.length > 0 ? first : open.filter((i) => i >= this.aliases.length).slice(0, 1);',
    why: 'the search begins at more tables, and the plan is as good',
  },
  {
    file: 'src/sql/grammar/vocabulary.ts',
    what: '>= becomes >',
    text: 'if (token >= 0) mask[token >>> 5]! |= 1 << (token & 31);',
    why: 'token 0 is a special one that no statement has',
  },
  {
    file: 'src/sql/grammar/conditions.ts',
    what: 'one more',
    text: 'return (isAllOpen && scope.hasMoreColumns(said.length)) || further().steps.length > 0;',
    why: 'the further conditions are looked at where counting would do',
  },
  {
    file: 'src/sql/grammar/scope.ts',
    what: 'one more',
    text: "if (goal === undefined) return this.#with({ mode: 'bare', bare: tables, plan: tables.slice(0, 1) });",
    why: 'a table without an alias stands alone: nobody reads its plan',
  },
  {
    file: 'src/sql/grammar/budget.ts',
    what: '+ becomes -',
    text: 'return this.vocabulary.tokensIn(begun) + this.vocabulary.tokensIn(rest) + 1;',
    why: 'two tokens less are within SLACK',
  },
  {
    file: 'src/sql/grammar/clauses.ts',
    what: 'not JOIN',
    text: "likeness('JOIN', scope, selected),",
    why: 'any word tells this place from the other',
  },
  {
    file: 'src/sql/grammar/predicates.ts',
    what: 'always the second',
    text: 'scope.isClosed && !scope.allUsed ? relationSteps(scope, use, { ...rule, mustUse: true }, then) : [];',
    why: 'the way out has one condition more, which Budget counts',
  },
  {
    file: 'src/sql/grammar/predicates.ts',
    what: 'always',
    text: 'if (unused.length === 0) return choice(scope.columnSteps(() => true, column));',
    why: 'the way out has more conditions, which Budget counts',
  },
  {
    file: 'src/sql/grammar/predicates.ts',
    what: 'one more',
    text: 'if (useful.length > 0) return choice(useful);',
    why: 'the way out takes another of the columns',
  },
  {
    file: 'src/sql/vault/recognisers.ts',
    what: '- becomes +',
    text: '(a, b) => a.priority - b.priority,',
    why: 'the table is written in the order of its priorities, and a comparison that is always positive keeps that order',
  },
  {
    file: 'src/sql/vault/unread.ts',
    what: '< becomes <=',
    text: 'j < i ? text.slice(tokens[j]!.end, tokens[i]!.start) : text.slice(tokens[i]!.end, tokens[j]!.start);',
    why: 'no token is asked whether it stands beside itself',
  },
  {
    file: 'src/sql/vault/whole-range.ts',
    what: '- becomes +',
    text: "for (let j = i - 1; j >= Math.max(0, i - 6); j--) if (tokens[j]!.word === 'between') return true;",
    why: 'token i is `and`, and the one after it begins the range: neither is `between`',
  },
];

/** Why the fault need not be noticed; undefined if nobody has judged it, or its line has changed since. */
export function reasonOf(fault: Omit<Judged, 'why'>): string | undefined {
  return JUDGED.find(
    ({ file, what, text }) => file === fault.file && what === fault.what && text === fault.text,
  )?.why;
}
