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
];

/** Why the fault need not be noticed; undefined if nobody has judged it, or its line has changed since. */
export function reasonOf(fault: Omit<Judged, 'why'>): string | undefined {
  return JUDGED.find(
    ({ file, what, text }) => file === fault.file && what === fault.what && text === fault.text,
  )?.why;
}
