import { wordsOf } from '../../data/schema/words/derive.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';

/** What a question asks that hardly any record keeps, by how it is asked. */
interface Unrecorded {
  /** Its first group is what the refusal names. */
  asks: RegExp;
  /** What a table, column or synonym is called that keeps it after all; by default, what the first group holds. */
  unless?: RegExp | undefined;
}

const STAFF = String.raw`(?:doctors?|physicians?|nurses?|surgeons?|providers?|clinicians?|practitioners?|caregivers?|therapists?|clerks?|staff|receptionists?)`;
const WHO = String.raw`(?:patients?|persons?|people|women|men|mothers?|fathers?|parents|${STAFF})`;
const HOUSES = String.raw`(?:hospitals?|clinics?|facilit(?:y|ies)|organi[sz]ations?|care sites?)`;

const UNRECORDED: readonly Unrecorded[] = [
  // What may be or was not to be: `the ward that patient 5 may be admitted to`, `can we give insulin`.
  { asks: /\b(?:patients?|persons?|he|she|they)(?: __ID_\d+__)? (may|might|can|could|should|must) (?:be|go|get|come|move|have|take)\b/i },
  {
    asks: /\b(can) (?:be (?:prescribed|given|taken|used|administered|treated|cured|prevented)|(?:i|we) (?:prescribe|give|take|use|treat|cure|prevent))\b/i,
  },
  // What is left or free now.
  { asks: /\b(remaining|vacant|unoccupied|(?:currently|still|now) (?:available|free|vacant))\b/i },
  // Times that belong to shops, offices and ways; how long a deed took.
  { asks: /\b(delivery|response|travel|opening|closing|office|working|business|shipping) (?:times?|hours)\b|\b(arrival) times\b/i },
  {
    asks: /\b(how long) (?:did|does|do) (?:it take\b|(?:the |an? )?(?:[a-z-]+ ){1,4}take\b)|\b(?:surgery|operation|procedure|an[ae]esthesia|\w+(?:ectomy|otomy|ostomy|plasty|scopy)) (duration)\b/i,
    unless: /\b(?:procedure|surgery|operation|an[ae]esthesia).*\b(?:end|stop|duration|finish)|\bduration\b/,
  },
  // Another of what the question does not name: `another department`.
  { asks: /(?<!\b(?:admi(?:tted|ssions?)|transfer(?:red|s)?|refer(?:red|rals?)|moved?|discharged?|sent|came|arriv(?:ed|als?)|(?:from|to|or) [a-z]+ or) (?:from |to )?)\b((?:an ?other|other|different) (?:departments?|hospitals?|clinics?|doctors?|physicians?|facilit(?:y|ies)))\b/i },
  // Where somebody lives and where a house stands, who was born where.
  { asks: /\b(address)(?:es)? of\b|['’]s (?:home |current |postal )?(address)\b|\b(?:home|postal|street|mailing) (address)/i, unless: /\b(?:address|street)/ },
  {
    asks: new RegExp(String.raw`\b(locations? of (?:the |all |each |every )?${HOUSES}|${HOUSES} locations?)\b`, 'i'),
    unless: new RegExp(String.raw`^${HOUSES}$`),
  },
  { asks: /\b(place of birth|birth ?places?)\b/i, unless: /\b(?:birth ?place|place of birth|birth (?:city|country|town)|location of birth)/ },
  // Why something was done, how it ended, how good it was.
  { asks: /\b(reasons?) (?:for|of|why|related|to|behind)\b/i, unless: /\b(?:reason|indication|complaint|cause|purpose)/ },
  { asks: /\b(?:procedure|surgery|surgical|treatment|clinical) (outcomes?)\b/i, unless: /\boutcome/ },
  { asks: /\b(?:specimen|sample|air|water|sleep|image|food|service) (quality)\b|\b(quality) of (?:the )?(?:care|service|food|air|water|specimens?|samples?|images?)\b/i, unless: /\bquality/ },
  { asks: /\b(blood (?:type|group)s?|type of blood)\b/i, unless: /\bblood (?:type|group)|\babo\b/ },
  { asks: /\b(icd-?1[1-9])\b/i, unless: /\bicd ?1[1-9]\b/ },
  // Relatives of patients, and children of staff.
  { asks: new RegExp(String.raw`\b${WHO} (?:who |that |with |having |has |have |had )*(?:an? |the most |more |fewer |no |any |two |three |several |__NUM_\d+__ )?(?:female |male |first |second |only |own |twin )*(child|children|kids|sons?|daughters?)\b(?! (?:birth|abuse|and adolescent|health))`, 'i'), unless: /\b(?:child|children|sons?|daughters?|relative|family member|relationship|dependents?)\b/ },
  { asks: /\b((?:related|married|engaged) to) (?:someone|somebody|(?:an? |another )?(?:patient|person))\b/i, unless: /\b(?:relationships?|relatives?|related persons?|spouses?)\b/ },
  // Analysis: what moves what.
  { asks: /\b(factors?) (?:that |which |most )*(?:influenc|affect|contribut|determin|caus|driv|behind|lead|associated)/i },
  { asks: /\b(influence|impact|effect) of .{1,60}\bon\b|\b(correlat(?:e|es|ed|ion|ions)|predictors?) (?:between|with|of)\b/i },
  // How somebody or something does it: `acts quickly`, `which nurse speaks the fastest`.
  { asks: /\b(quickly|slowly|rapidly|properly|correctly|carefully|easily|regularly|politely|loudly|neatly|rapid[- ]acting|(?:rapid|fast|quick|slow) action)\b/i },
  { asks: new RegExp(String.raw`\b(?:which|what) ${STAFF} (?:[a-z]+ ){1,3}?(?:the )?((?:fast|slow|loud|quick|hard|neat|smart|clear|soft)(?:er|est))\b`, 'i') },
  // What somebody is like: `which nurse is more patient`, `which provider is the best dressed`.
  { asks: new RegExp(String.raw`\b(?:which|what) ${STAFF} (?:is|are|was|were) (?:the )?((?:more|most|less|least|best|worst|better) (?!common|recent|frequent|often)[a-z]+)\b`, 'i') },
  // What an encyclopedia knows.
  { asks: /^\W*(who (?:discovered|invented|composed|directed|founded|painted|sang|won|scored))\b/i },
  { asks: /^\W*([Ww]ho (?:wrote|built|designed|made|created|produced)) (?:the )?(?:first |original |novel |book |play |song |film )?[A-Z]\w+\W*$/ },
]; // prettier-ignore

const names = new WeakMap<SchemaIndex, readonly string[]>();

/** What a question asks that the schema keeps nowhere, as the question says it. */
export function unrecordedIn(question: string, index: SchemaIndex): string[] {
  const found: string[] = [];
  for (const { asks, unless } of UNRECORDED) {
    const said = asks
      .exec(question)
      ?.slice(1)
      .find((group) => group !== undefined);
    if (said === undefined) continue;
    const lower = said.toLowerCase();
    const isKept = (name: string): boolean =>
      unless === undefined ? ` ${name} `.includes(` ${lower} `) : unless.test(name);
    if (!namesOf(index).some(isKept)) found.push(lower);
  }
  return found;
}

/** What the tables and columns are called, a column also with its table: `procedure end date`. */
function namesOf(index: SchemaIndex): readonly string[] {
  let found = names.get(index);
  if (found === undefined) {
    const words = wordsOf(index.bundle);
    found = index.tables.flatMap((table) => {
      const { words: own, synonyms } = words.ofTable(table);
      const all = [own, words.subjectOf(table), ...synonyms.map(({ text }) => text)];
      const columns = table.columns.flatMap((column) => {
        const { words: name, synonyms: others } = words.ofColumn(column);
        return [name, ...others.map(({ text }) => text), `${own} ${name}`];
      });
      return [...all, ...columns].map((name) => name.toLowerCase());
    });
    names.set(index, found);
  }
  return found;
}
