import { singularOf } from '../../data/values/fold.js';
import type { SchemaNouns } from './nouns.js';

const NAME = String.raw`__TEXT_\d+__`;
const NUMBER = String.raw`(?:__NUM_\d+__|\d+|two|three|four|five|six|seven|eight|nine|ten|twelve)`;
const ORDINAL = String.raw`(?:second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|2nd|3rd|[4-9]th|10th|nth)`;
const EACH = String.raw`(?:(?:of|for|in|on|at|by|from|within|to) )?(?:each|every|per|any given|the respective)`;
const WORD = String.raw`(?:(?!(?:in|with|by|for|who|that|which|where|and|or|per|each|every|has|have|had|is|are|was|were|ranked|sorted|since|before|after|during|between)\b)[a-z_]+|${NAME})`;
const THING = String.raw`((?:${NUMBER} )?${WORD}(?: ${WORD}){0,3}?)`;

/** `latest value of sodium for each patient`: the row of a group that comes first by time. */
const BY_TIME = new RegExp(
  String.raw`\b(latest|newest|most recent|last|first|earliest|oldest|youngest|initial|final) ${THING} ${EACH} (?:[a-z]+|__TEXT)`,
  'gi',
);
const EACH_BY_TIME = new RegExp(
  String.raw`\bfor (?:each|every) [a-z]+(?: [a-z]+)?,? (?:(?:show|list|give|find|get|return)(?: me)? )?(?:the |its |their |his |her )?(?:${NUMBER} )?(latest|newest|most recent|last|first|earliest|oldest|youngest) ${THING}(?=$|[?.!,]| in\b| of\b)`,
  'gi',
);
const BY_RANK = new RegExp(String.raw`\btop ${THING} ${EACH} (?:[a-z]+|__TEXT)`, 'gi');
const BY_QUALITY = new RegExp(
  String.raw`\b(?:most|least|busiest|sickest|costliest|priciest|cheapest|heaviest|tallest|poorest|richest) ${THING} ${EACH} (?:[a-z]+|__TEXT)(?! of)`,
  'gi',
);
const HIGHEST = new RegExp(String.raw`\b(?:highest|lowest) ${THING} ${EACH} (?:[a-z]+|__TEXT)`, 'gi');

/** What is a moment or a length of time, which MIN and MAX find: `last stay date per patient`, `last month per ward`. */
const TIMES =
  /^(?:dates?|times?|datetimes?|timestamps?|days?|weeks?|months?|years?|quarters?|hours?|minutes?|half|names?|initials?|lines?|digits?|letters?|seen|visited|admitted|discharged|__DATE_\d+__)$/;
/** Whether only the moment of the row that follows is asked for, or what makes it the first: `age of the oldest`. */
export function asksMoment(before: string, row: string): boolean {
  return MOMENT_OF.test(before) || (AGE_OF.test(before) && /^(?:oldest|youngest)\b/i.test(row));
}

const AGE_OF =
  /\b(?:ages?|how old (?:is|was)|(?:years?|dates?) of birth|birth ?(?:days?|dates?|years?)) (?:of )?(?:the |their )?$/i;
/** `price of the most expensive drug of each doctor` is a MAX. */
const SIZE_OF =
  /\b(?:costs?|prices?|amounts?|charges?|values?|lengths?|durations?|weights?|heights?) (?:of )?(?:the |their )?$/i;

/** What comes before a row of which only the moment is asked for: `date of the last stay of each patient`. */
const MOMENT_OF =
  /\b(?:when (?:was|were|is)|(?:date|time|day|datetime|timestamp|year)s? (?:of|for)|since|days (?:from|until|to|before))(?: (?:the|their|his|her))*\s*$|\b(?:between|from) (?:the |their |his |her )?(?:first|earliest) (?:and|to) (?:the |their |his |her )?$/i;
const VALUES =
  /^(?:values?|results?|readings?|levels?|scores?|labs?|tests?|measurements?|weights?|heights?|rows?|records?|entr(?:y|ies)|__text_\d+__)$/;
const SUMMARY = /\b(?:average|mean|total|number|count|rate|sum|share|percentage)\b/i;

/**
 * The words that pick rows within each group, by time or by rank. The highest value or the last date of each is a MAX.
 */
export function rowOfEach(text: string, nouns: SchemaNouns): string | undefined {
  const some = (
    pattern: RegExp,
    isRow: (thing: string, place: string, before: string) => boolean,
  ): string | undefined =>
    [...text.matchAll(pattern)].find(({ 1: a = '', 2: b, index }) =>
      isRow((b ?? a).toLowerCase(), a.toLowerCase(), text.slice(0, index)),
    )?.[0];
  const byTime = (thing: string, place: string, before: string): boolean => {
    const words = thing.split(' ');
    const head = headIn(thing);
    if (words.some((word) => TIMES.test(word)) || asksMoment(before, place)) return false;
    if (SUMMARY.test(thing)) return false;
    return /^(?:latest|newest|most recent)$/.test(place) || isRow(head, thing, nouns) || VALUES.test(head);
  };
  return (
    some(BY_TIME, byTime) ??
    some(EACH_BY_TIME, byTime) ??
    some(BY_RANK, (thing) => !SUMMARY.test(thing)) ??
    some(
      BY_QUALITY,
      (thing, _place, before) =>
        !/^recent\b/.test(thing) &&
        !SUMMARY.test(thing) &&
        !SIZE_OF.test(before) &&
        isRow(headIn(thing), thing, nouns),
    ) ??
    some(
      HIGHEST,
      (thing, _place, before) =>
        !SIZE_OF.test(before) && isRow(headIn(thing), thing, nouns) && !VALUES.test(headIn(thing)),
    )
  );
}

/** `lab result of sodium`: the noun is the word before `of`. */
function headIn(thing: string): string {
  return thing.split(' of ')[0]!.split(' ').at(-1)!;
}

function isRow(head: string, thing: string, { tables }: SchemaNouns): boolean {
  const words = thing.split(' of ')[0]!.split(' ');
  return (
    words.some((_, i) => tables.has(singularOf(words.slice(i).join(' ')))) || tables.has(singularOf(head))
  );
}

const NTH = new RegExp(
  String.raw`\b(?:the|their|his|her|a|['’]s|^) ?${ORDINAL} ([a-z]+(?: [a-z]+)?)(?= (?:of|for|by|in|per|on|was|is|after|before|since|and|given|taken|prescribed|made|done|ordered)\b|\W*$)|^\W*${ORDINAL} ([a-z]+(?: [a-z]+)?) (?:of|for|by|given|taken|prescribed|made|done|ordered)\b`,
  'gi',
);
const BETWEEN_PLACES =
  /\bbetween (?:the |their |an? |his |her )?[a-z]+(?: [a-z]+)? and (?:the |their |his |her )?(?:second|third|next|following|subsequent)\b|\bfrom (?:the |their |his |her )?first(?: [a-z]+)? to (?:the |their |his |her )?(?:second|third|next)\b/i;
const LAST_BUT = new RegExp(
  String.raw`\b(?:next|second) to (?:the )?last\b|(?<!\b(?:year|month|week|day)s? )\bbefore (?:the )?last(?: one)?(?= of\b|\W*$)|\blast [a-z]+ but one\b|\b(?:ante)?penultimate\b`,
  'i',
);
const ROLLING = new RegExp(
  String.raw`\b(?:rolling|moving|trailing|running)(?: ${NUMBER}| [a-z]+)?[- ]?(?:days?|weeks?|months?|years?|hours?)?[- ](?:average|mean|sum|total|count|window)\b|\b(?:rolling|moving|trailing) (?:average|mean|sum|total|count)`,
  'i',
);
const PAGE =
  /\b(?:skip(?:ping)?|leave out|omit(?:ting)?|without) the (?:first|top|last) (?:__NUM_\d+__|\d+|[a-z]+) [a-z]+|\b(?:(?:first|second|third|next|previous|last) page|page (?:__NUM_\d+__|__ID_\d+__|\d+|two|three))(?: of\b|\W*$)|\bevery (?:other|second|third|(?:__NUM_\d+__|\d+)(?:th|nd|rd)?) (?:patient|person|row|record|stay|visit|encounter|admission|one|claim|invoice)\b|^\W*(?:please )?number (?:the|all|each) |\brow numbers?\b|\bwith (?:a )?running numbers?\b/i;

/** The words that ask for a row by its place in an order other than the first, or for a page of rows. */
export function placeInOrder(text: string, { events }: SchemaNouns): string | undefined {
  const place = [LAST_BUT, BETWEEN_PLACES, PAGE]
    .map((pattern) => pattern.exec(text)?.[0])
    .find((phrase) => phrase !== undefined);
  if (place !== undefined) return place;
  return [...text.matchAll(NTH)].find(([match, one, other]) => {
    const words = (one ?? other ?? '').toLowerCase().split(' ');
    if (OF_NAME.test(match)) return false;
    return words.some((_, i) => i < 2 && events.has(singularOf(words.slice(0, i + 1).join(' '))));
  })?.[0];
}

/** A disease with a number in its name. */
const OF_NAME = /\b(?:fifth|sixth) disease\b/i;

/** The words that ask for a sum or an average over a span that moves along. */
export function rollingIn(text: string): string | undefined {
  return ROLLING.exec(text)?.[0];
}
