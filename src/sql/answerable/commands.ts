import type { SchemaNouns } from './nouns.js';
import { mergedIn } from './others.js';

/** Why a text is no question about recorded data. */
export interface NoQuery {
  code: 'no-query';
  message: string;
}

const ASKED = String.raw`(?:please |kindly |now |then |just |can you |could you |would you |will you |i want you to |i'd like you to |i need you to |you must |go ahead and )*`;
/** Whom or what a deed is done to; after a noun (`discharge date`) the word is none. */
const OBJECT = String.raw`(?:patients?|persons?|people|users?|him|her|them|it|this|that|these|those|all|every|each|any|an?|the|my|our|everything|records?|rows?|tables?|data(?:base)?|__[A-Z]+_\d+__)`;

/** Verbs that change what is stored. */
const CHANGE = `delete|remove|erase|wipe|purge|clear|destroy|drop|truncate|insert|update|modify|alter|edit|overwrite|rename|correct|anonymi[sz]e|encrypt|back ?up|restore|grant|revoke|upload|import|save|store|add|set|change|mark|register|enter|record|reset|undo|commit|merge|archive|hide`;
/** Verbs of care and of the office, as orders. */
const DEED = `prescribe|administer|inject|admit|discharge|transfer|refer|treat|operate on|vaccinate|immuni[sz]e|schedule|reschedule|book|cancel|arrange|order|start|stop|increase|decrease|call|phone|notify|remind|invite|email|e-mail|text|send|mail|print|buy|sell|pay|hire|fire|open|close|turn`;
const OVERRIDE = `ignore|disregard|forget|override|bypass|skip|pretend|act|jailbreak`;
const VERB_ALONE = new RegExp(`^(?:${CHANGE}|${DEED}|${OVERRIDE}|single)$`, 'i');

/**
 * What the gate reads in place of a name that the vault took out, if the name is a word of an order or of a shape:
 * `erase`, `single`, `percentile of sodium`. Only words of such phrases come back; undefined for every other name.
 */
export function gateWordsOf(text: string): string | undefined {
  if (VERB_ALONE.test(text)) return text;
  if (!OF_SHAPE.test(text)) return undefined;
  return text.replace(/[\p{L}\p{N}'’-]+/gu, (word) => (WORD_OF_SHAPE.test(word) ? word : 'other'));
}

/** Words for a place in an order, a list or a statistic, which no name of a value has alone. */
const OF_SHAPE =
  /^(?:(?:ante)?penultimate\b.*|(?:median|percentiles?|quartiles?|quintiles?|deciles?|quantiles?)(?: (?:of|for|in) .*)?|plus|alike|unions?|lags?|dense|occasions|growth rates?|cumulative|consecutive|(?:rolling|moving|trailing|running)\b.*)$/i;
const WORD_OF_SHAPE =
  /^(?:(?:ante)?penultimate|medians?|percentiles?|quartiles?|quintiles?|deciles?|quantiles?|plus|alike|unions?|lags?|dense|occasions|growth|rates?|cumulative|consecutive|rolling|moving|trailing|running|of|for|in|the|average|mean|sum|total|count|window|days?|weeks?|months?|years?|hours?|visits?|stays?|admissions?|encounters?|\d{1,3})$/i;

/** `remove duplicates`, `add up`, `set of`, `order … by`: parts of what is asked for. */
const NO_DEED = String.raw`(?!.*\bduplicates?\b)(?!add up\b)(?!.*\border (?:of|by)\b)`;

const WRITES = new RegExp(
  String.raw`^\W*${ASKED}${NO_DEED}(${CHANGE}|${DEED})\s+${OBJECT}\b(?! (?:by|descending|ascending)\b)`,
  'i',
);
const SORTS = /^\W*(?:please )?order\b.*\bby\b/i;
const THEN_WRITES = new RegExp(
  String.raw`(?:\band(?: then)?|;|\bthen)\s+(${CHANGE})\s+(?:all|them|it|the|those|these|every|table|from|into)\b`,
  'i',
);
const SQL_WRITES =
  /\b(?:(?:drop|truncate|alter|create) +(?:table|database|schema|view|index|user|login|procedure|function)|delete +from|insert +into|update +\S+ +set|exec(?:ute)? +(?:xp_|sp_)\w*|xp_cmdshell|shutdown|union +(?:all +)?select|grant +\w+ +(?:on|to)|revoke +\w+ +(?:on|from))\b|;\s*--|;\s*(?:drop|delete|insert|update|alter|exec|select)\b/i;
/** `give all patients aspirin`; `give me` and `give the number of` ask. */
const GIVES =
  /^\W*(?:please |can you |could you )*(?:give|hand|feed|get|bring) (?:(?:all|every|each|the|this|that|these|those|my|our) )*(?:(?:patients?|persons?|people|him|her|them|everyone|everybody)(?: __ID_\d+__)?|__ID_\d+__) (?:an? |the |some |more |another |\d+ |__NUM_\d+__ (?:[a-z]+ )?(?:of )?)?(?:__TEXT_\d+__|drugs?|medications?|medicines?|doses?|pills?|vaccines?|shots?|injections?)\s*[.!?]*$/i;
const OVERRIDES =
  /\b(?:ignore|disregard|forget|override|bypass|skip)\b.{0,40}\b(?:instructions?|rules?|prompts?|restrictions?|filters?|guidelines?|safety|validators?|above|(?:you were|i) (?:told|said))\b|__TEXT_\d+__ (?:all )?(?:the )?(?:previous|prior|above|earlier) (?:instructions?|rules?|prompts?)|\b(?:previous|prior|above|earlier|system) (?:instructions?|prompts?)\b|\byou are now\b|\b(?:pretend|act) (?:to be|as|that|like)\b|\b(?:jailbreak|developer mode)\b|\b(?:reveal|repeat|print|show)\b.{0,20}\b(?:your|system) (?:prompt|instructions?)\b/i;

/** Opinions and advice: what is good, safe, allowed. */
const OPINION = new RegExp(
  [
    String.raw`^\W*(?:is|are|was|would|will) (?:it|this|that|there (?:a|any) (?:risk|danger|harm))\b.{0,20}\b(?:ok(?:ay)?|safe|dangerous|harmful|healthy|advisable|wise|bad|good|better|best|legal|allowed|normal|possible|necessary|appropriate|ethical|worth)\b`,
    String.raw`^\W*(?:is|are) (?:an? |the )?__TEXT_\d+__ (?:\w+ )?(?:safe|dangerous|harmful|healthy|bad|good|better|effective|contagious|hereditary|curable|fatal|deadly|addictive|legal|an? (?:good|bad|better|type|kind|form)|worse)\b`,
    String.raw`\b(?:best|better|ideal|optimal|safest|safe|right|correct|proper|recommended|preferred|first[- ]line|good|effective|most effective|alternative) (?:treatments?|therap(?:y|ies)|drugs?|medications?|medicines?|doses?|dosages?|cures?|remed(?:y|ies)|options?|choices?|ways?|diets?|exercises?|approach(?:es)?|practices?)\b`,
    String.raw`\bwh(?:ich|at|o|ere) (?:[a-z]+ ){0,3}(?:is|are|was|were) (?:the |a )?(?:best|worst|better|good|nicest|friendliest|safest|cleanest|most (?:reliable|competent|trustworthy|beautiful))\b(?! (?:value|score|result|reading|level)s?)`,
    String.raw`^\W*(?:can|may|could|should|must|shall) (?:i|we|you|one|someone|a (?:patient|person)|patients|people|pregnant (?:women|patients))\b(?! (?:get|have|see|know|view|find|list|please|tell|give|show|ask|check|look|provide|count|calculate|compute|return|retrieve|identify|determine|help|let|pull|display|fetch|compare|extract|explain how many|specify|name|confirm|report|summarize|summarise|say|describe|break|rank|sort|group|run|search|state|inform|enumerate|select|filter|output|present|verify|print|write)\b)`,
    String.raw`^\W*(?:should|must|shall|may) (?:i|we|one|someone|somebody|he|she|they) (?:really |ever |still |now |also |not )*(?:give|get|have|tell|ask|stop|check|let|help|take|use|put|order|prescribe)\b(?! (?:me|us|the (?:list|number|count|total)|an? (?:list|count))\b)`,
    String.raw`^\W*(?:can|may|should|must) (?:an? |the )?(?:__TEXT_\d+__ )*(?:patients?|people|persons?|adults?|children|kids|babies|__TEXT_\d+__) (?:safely |still |also |ever )*(?:take|use|eat|drink|have|get|receive|drive|fly|travel|be (?:given|treated))\b`,
    String.raw`^\W*(?:how|why|when|where) (?:do|should|can|could|would|must) (?:i|we|you|one)\b(?! (?:have|see|find|count|know|get)\b)`,
    String.raw`\b(?:can|could|may|might|should|must|is (?:not )?to|are (?:not )?to) (?:not )?be (?:given|prescribed|used|taken|administered|avoided|treated|combined|mixed|performed|stopped|cured|prevented)\b`,
    String.raw`\b(?:is|are|be) (?:\w+ )?(?:appropriate|suitable|unsuitable|indicated|contraindicated|recommended|permissible|permitted|allowed|compatible|incompatible|effective) (?:for|in|with|against|during|to)\b`,
    String.raw`^\W*(?:what|which|how much|how many) .*\b(?:is|are) (?:the )?(?:right|correct|appropriate|enough|too (?:much|high|low|little|many)|safe|advisable|recommended|ideal|best|healthy)\b(?! (?:value|result|reading|score))`,
    String.raw`\b(?:drugs?|medications?|medicines?|foods?|treatments?|tests?) to (?:avoid|take|use|give|prescribe)\b`,
    String.raw`^\W*how to\b|^\W*why\b|\bdo you (?:think|recommend|like|prefer|believe)\b|\bwhat (?:should|would|could) (?:i|we|you)\b|\b(?:side|adverse) effects? of (?:taking )?__TEXT`,
  ].join('|'),
  'i',
);
/** What a word means, and tasks with words. */
const MEANING = new RegExp(
  [
    String.raw`^\W*what (?!.*\bcodes? __ID_)(?:does|do|did|is meant by|are)\b.{0,60}\b(?:mean|stand for|do|work|feel like|cause|indicate|imply|suggest|signify)\s*\??$`,
    String.raw`^\W*what (?:is|are|'s) (?:an? |the )?(?:(?:meaning|definition|purpose|mechanism|pathophysiology|etiology|symptoms?|treatments?|cause|causes|prognosis) (?:of|for) )(?:an? |the )?__TEXT_\d+__\s*\??$`,
    String.raw`^\W*(?:what|who) (?:is|are|'s|was) (?:an? )?__TEXT_\d+__\s*\??$`,
    String.raw`^\W*(?:please |can you |could you )*(?:define|translate(?!.*\b(?:concepts?|codes?|vocabular(?:y|ies))\b)|spell|pronounce|rhyme|paraphrase|conjugate|solve|sing|recite|compose|draw|paint|imagine|guess|predict|forecast|invent|teach|entertain|joke|chat)\b`,
    String.raw`^\W*(?:please |can you |could you )*(?:tell|write|make|create|generate)(?: me)? (?:an? |the |some )?(?:joke|story|poem|song|essay|letter|email|haiku|limerick|program|script|app|website|picture|image|speech)\b`,
    String.raw`^\W*(?:please |can you |could you )*explain (?:what|how|why|the concept|to me|__TEXT)`,
    String.raw`^\W*how (?:does|do|is|are) (?:an? |the )?__TEXT_\d+__ (?:work|treated|cured|caused|transmitted|spread|made|diagnosed|prevented)\b`,
    String.raw`^\W*(?:who|what|how old|where) are you\b|\byour name\b|^\W*(?:hello|hi|hey|thanks?|thank you|good (?:morning|evening)|bye)\W*$|^\W*what can you do\b|^\W*help\W*$`,
  ].join('|'),
  'i',
);
/** The database itself. */
const CATALOG =
  /\b(?:how many|which|what|list|show|describe|name)(?: me)?(?: all| of| the| are| other| different)* (?:tables?|columns?|databases?|schemas?|views?|indexe?s|foreign keys|primary keys|stored procedures|data model|entity|er[- ]diagram)\b(?! (?:id|name|value|of|for|with)\b)/i;

/**
 * Whether a text gives an order, asks for an opinion or a meaning, or asks about the database itself; undefined if it
 * may be a question about recorded data.
 *
 * @param question with placeholders for its values
 * @param nouns `merge the patients and the doctors` asks for a list, `merge patients 3 and 4` is an order
 */
export function noQuery(question: string, nouns: SchemaNouns): NoQuery | undefined {
  const text = question.replace(/\s+/g, ' ').trim();
  const sql = SQL_WRITES.exec(text);
  if (sql) return because('it holds a command to the database, and only questions are answered');
  if (OVERRIDES.test(text))
    return because('it gives instructions to the program instead of asking about the data');
  const asks = SORTS.test(text) || mergedIn(text, nouns) !== undefined;
  const deed = asks ? undefined : (WRITES.exec(text)?.[1] ?? THEN_WRITES.exec(text)?.[1]);
  if (deed !== undefined || GIVES.test(text)) {
    const word = (deed ?? 'give').toLowerCase();
    return because(
      `'${word}' is an order to do something, and statements here only read; ask what was recorded`,
    );
  }
  if (OPINION.test(text))
    return because('it asks for advice or an opinion; the database holds what was recorded');
  if (MEANING.test(text)) return because('it asks what something means, or for a task with words; the database holds what was recorded'); // prettier-ignore
  if (CATALOG.test(text)) return because('it asks about the tables of the database, not about their rows; see `engine schema show`'); // prettier-ignore
  return undefined;
}

/** Why a question in another language is refused. */
export const NOT_ENGLISH: NoQuery = because('it is not in English, the one language that is read');

function because(why: string): NoQuery {
  return { code: 'no-query', message: `this is no question about recorded data: ${why}` };
}
