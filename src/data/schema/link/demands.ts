import { wordsOf, type SchemaWords } from '../words/derive.js';
import type { ColumnRole } from '../roles/roles.js';
import type { LinkFacts } from './facts.js';
import { NOT_A_HOME } from './lexicon.js';

/** What a phrase of a question needs, whatever its other words hint at. */
interface Demand {
  /** Its group `value`, if it has one, is the text that the phrase is about. */
  phrase: RegExp;
  table: number;
  columns: readonly number[];
}

/** Finds the table of a demand in a schema; undefined if it has none. */
type Finder = (schema: Lookup) => Omit<Demand, 'phrase'> | undefined;

const VALUE = '(?:neither |either |both )?(?<value>__TEXT_\\d+__)';
/** The end of a clause after a value, so that no noun says what the value is of. */
const CLAUSE_END =
  '(?= *(?:$|[,.?!;]|(?:and|or|nor|but|in|over|after|before|since|within|during|between|yesterday|today|this|last|who|at)\\b|on (?!record|file)))';
const STAY = '(?:visit|stay|encounter|admission|hospitali[sz]ation)s?';
const DEVICES = /^(\w+ )?(devices?|implants?)( (exposure|use|usage|event|record)s?)?$/;
const DEMANDS: readonly (readonly [phrase: RegExp, find: Finder])[] = [
  [
    phrase(`\\b(?:discharged?|discharges|released|sent) (?:\\w+ )?to (?:an? |the )?${VALUE}`),
    (schema) => schema.encounterWith(/\bdischarg\w* (to|disposition|location|destination|place)\b/),
  ],
  [
    phrase(`\\b(?:admitted|admissions?) (?:\\w+ )?from (?:an? |the )?${VALUE}`),
    (schema) => schema.encounterWith(/\badmi\w+ (from|source|location|origin)\b|\bsource of admission\b/),
  ],
  [
    phrase(`${VALUE} (?:was |were |is |been )?(?:noted|recorded|documented|on record|on file|observed)\\b`),
    (schema) => schema.event(/^((clinical|general|charted) )?(observation|finding)s?( clinical)?$/),
  ],
  [
    phrase(`\\b(?:use|uses|used|using|wear|wears|wore|wearing|fitted with|implanted with) an? ${VALUE}`),
    (schema) => schema.event(DEVICES),
  ],
  [
    phrase(`\\bfitted with ${VALUE}`),
    (schema) => schema.event(DEVICES),
  ],
  [
    phrase(
      `\\b(?:liv(?:e|es|ed|ing)|resid(?:e|es|ed|ing)|based|comes?|coming|hails?) (?:in|at|from)\\b|` +
        `(?<!\\b(?:${NOT_A_HOME}) )\\bfrom (?:the (?:city|town) of )?${VALUE}|\\b(?:city|town) of\\b|\\b(?:per|by|each|every) (?:city|town)\\b`,
    ),
    (schema) => schema.home(),
  ],
  [
    phrase(`\\b(?:found to have|have|has|had|having|develop|developed|contracted) ${VALUE}${CLAUSE_END}`),
    (schema) => schema.event(/^(\w+ )?(diagnos[ei]s|condition|problem|disease)s?$/),
  ],
  [
    phrase(`${VALUE} (?:procedures?|operations?|done|performed)\\b|\\bunder(?:went|gone|go|going) (?:an? )?__TEXT`),
    (schema) => schema.event(/^(\w+ )?(procedure|operation|surger(y|ie))s?$/),
  ],
  [
    phrase(`\\b(?:prescribed|prescriptions? (?:for|of)|treated with|taking|took) ${VALUE}${CLAUSE_END}`),
    (schema) => schema.event(/^(prescription|(medication|drug) (order|request)|prescribed drug|medication|drug)s?$/),
  ],
  [
    phrase(`\\b(?:tested|tests?) for ${VALUE}|${VALUE} (?:lab\\w* (?:test|value|result|level)s?|levels?)\\b`),
    (schema) => schema.event(/^(lab(oratory)?|measurement)( (test|result|event|value)s?)?$/),
  ],
  [
    phrase(`\\b${STAY}\\b.*\\b(?:lasts|lasted|lasting|took)\\b|\\b(?:how long|longest|shortest|lengths?|duration)\\b.*\\b${STAY}\\b`),
    (schema) => schema.encounter(/./),
  ],
  [
    phrase(`\\b(?:seen|visited)\\b|\\b(?:had|have|has|having) (?:an? |any |no )?(?:\\w+ )?${STAY}\\b`),
    (schema) => schema.encounter(/./),
  ],
  [
    phrase('\\b(?:hospitali[sz]ed|admitted)\\b'),
    (schema) => schema.encounter(/\b(admission|hospital|inpatient)/),
  ],
]; // prettier-ignore

function phrase(source: string): RegExp {
  // A name of a group may stand in one alternative only.
  let groups = 0;
  return new RegExp(
    source.replace(/\(\?<value>/g, () => (groups++ === 0 ? '(?<value>' : '(?:')),
    'i',
  );
}

/** Where the things of a schema are that phrases ask for. */
class Lookup {
  readonly #words: SchemaWords;

  constructor(private readonly facts: LinkFacts) {
    this.#words = wordsOf(facts.index.bundle);
  }

  /** The events of that name, usual ones and those with the names of what they are of first. */
  event(name: RegExp): ReturnType<Finder> {
    const { facts } = this;
    const rank = (table: number): number =>
      4 * facts.isUsual[table]! +
      2 * Math.min(1, facts.naming[table]!.length) +
      facts.skeletons[table]!.length / 4;
    const [table] = this.#tables('event')
      .filter((place) => rank(place) > 0 && this.#names(place).some((one) => name.test(one)))
      .sort((a, b) => rank(b) - rank(a) || a - b);
    return table === undefined ? undefined : { table, columns: [] };
  }

  /** The encounter with such columns: the whole one rather than its parts. */
  encounterWith(name: RegExp): ReturnType<Finder> {
    const found = this.#encounters()
      .map((table) => ({ table, columns: this.#columns(table, name).slice(0, 2) }))
      .filter(({ columns }) => columns.length > 0);
    return found[0];
  }

  /** The encounter with its beginning and end; one of that name if there is one. */
  encounter(name: RegExp): ReturnType<Finder> {
    const all = this.#encounters();
    const table = all.find((place) => this.#names(place).some((one) => name.test(one))) ?? all[0];
    if (table === undefined) return undefined;
    return { table, columns: (['start', 'end'] as const).flatMap((role) => this.#dated(table, role)) };
  }

  /** The city where patients live: in their own table, or in the one that theirs points to or that points to theirs. */
  home(): ReturnType<Finder> {
    const { facts } = this;
    const patients = this.#tables('patient');
    const near = patients.flatMap((table) =>
      facts.joins[table]!.map(({ to }) => to).filter(
        (to) =>
          facts.tableRoles[to] === 'place' || this.#names(to).some((name) => /\b(address|residence)\b/.test(name)),
      ),
    );
    for (const table of [...patients, ...near]) {
      const [column] = this.#columns(table, /^(\w+ )?(city|town)( village)?( name)?$/);
      if (column !== undefined) return { table, columns: [column] };
    }
    return undefined;
  } // prettier-ignore

  #tables(role: LinkFacts['tableRoles'][number]): number[] {
    return this.facts.tables.flatMap((_, place) => (this.facts.tableRoles[place] === role ? [place] : []));
  }

  #encounters(): number[] {
    const { isPartOfEncounter } = this.facts;
    return this.#tables('encounter').sort((a, b) => isPartOfEncounter[a]! - isPartOfEncounter[b]! || a - b);
  }

  #names(place: number): string[] {
    const table = this.facts.tables[place]!;
    const { words, synonyms } = this.#words.ofTable(table);
    return [words, this.#words.subjectOf(table), ...synonyms.map(({ text }) => text.toLowerCase())];
  }

  /** The columns of that name or synonym, those that are no raw values first. */
  #columns(place: number, name: RegExp): number[] {
    const first = this.facts.firstColumn[place]!;
    return this.facts.tables[place]!.columns.flatMap((column, i) => {
      const { words, synonyms } = this.#words.ofColumn(column);
      const isNamed = [words, ...synonyms.map(({ text }) => text.toLowerCase())].some((one) => name.test(one));
      return isNamed ? [{ at: first + i, isRaw: /\b(source value|raw|original)\b/.test(words) }] : [];
    })
      .sort((a, b) => Number(a.isRaw) - Number(b.isRaw) || a.at - b.at)
      .map(({ at }) => at);
  } // prettier-ignore

  #dated(place: number, role: ColumnRole): number[] {
    const { facts } = this;
    const columns: number[] = [];
    for (let at = facts.firstColumn[place]!; at < facts.firstColumn[place + 1]!; at++)
      if (facts.columnRoles[at] === role) columns.push(at);
    const date = columns.find((at) => facts.columns[at]!.type.family === 'date');
    return [date ?? columns[0]].filter((at) => at !== undefined);
  }
}

const known = new WeakMap<LinkFacts, readonly Demand[]>();

function demandsOf(facts: LinkFacts): readonly Demand[] {
  let demands = known.get(facts);
  if (!demands) {
    const schema = new Lookup(facts);
    demands = DEMANDS.flatMap(([phrase, find]) => {
      const found = find(schema);
      return found === undefined ? [] : [{ phrase, ...found }];
    });
    known.set(facts, demands);
  }
  return demands;
}

/**
 * The tables and columns that phrases of the question need: `discharged to __TEXT_1__` needs the encounter that knows.
 * @param placed the texts whose columns are known: they need nothing else
 */
export function demandedBy(
  question: string,
  facts: LinkFacts,
  placed: ReadonlySet<string>,
): Omit<Demand, 'phrase'>[] {
  return demandsOf(facts).filter(({ phrase }) => {
    const match = phrase.exec(question);
    return match !== null && !placed.has(match.groups?.['value'] ?? '');
  });
}
