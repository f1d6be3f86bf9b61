import { singularOf } from '../../data/values/fold.js';
import { isMedicalTerm } from '../vault/mentions/word-class.js';
import { isClinical } from './frames.js';

/**
 * Questions of other fields, by the things they name, by what people do in them, and by places that are measured. The
 * lists were written for this program; each holds kinds of things that no record of care has.
 */

/** Everyday things. Words that are also part of clinical names, or of the names of hospitals, are left out. */
const EVERYDAY: ReadonlySet<string> = new Set(
  `
  chess tennis golf cricket rugby hockey baseball volleyball badminton marathon olympics medal trophy referee skiing
  surfing skateboard swimming gymnastics racket yoga
  choir guitar piano violin cello drummer trumpet flute opera theatre theater ballet tango waltz dancer singer musician
  sculpture painting gallery museum exhibition circus comedian actor actress cinema concert festival
  motorcycle motorbike convertible limousine lorry tram subway ferry yacht canoe airplane aeroplane spaceship rocket
  satellite submarine locomotive motorway garage gasoline petrol diesel tyre parking traffic passenger
  balcony curtain couch lamp candle chimney fireplace fridge refrigerator oven dishwasher broom wardrobe cupboard
  bookshelf umbrella doorbell brick paint wallpaper staircase lobby attic escalator sauna jacuzzi chair
  penguin kangaroo elephant giraffe lion zebra dolphin whale parrot hamster goldfish puppy kitten zoo aquarium dinosaur
  unicorn dragon
  volcano earthquake tsunami iceberg glacier equator asteroid comet eclipse rainbow sunrise sunset tornado hurricane
  blizzard snowfall rainfall thunderstorm skyscraper lighthouse castle pyramid
  nasdaq bitcoin mortgage dividend shareholder auction lottery jackpot casino poker gdp yen
  laptop smartphone iphone wifi bluetooth keyboard emoji selfie youtube facebook twitter instagram tiktok
  senator mayor referendum treaty emperor embassy
  joke gossip wedding honeymoon picnic barbecue vacation souvenir suitcase hostel story stories
  jacket trousers necktie skirt perfume lipstick jewellery jewelry necklace sunglasses
  cake cookie pancake sandwich burger sushi spaghetti chef bartender waiter vegetarian
  robot alien ghost wizard horoscope zodiac crossword puzzle riddle
  goalkeeper striker midfielder quarterback batsman bowler sprinter runner athlete playoff touchdown
  student politician candidate tourist voter burglar engineer farmer pilot sailor tenant landlord
  humidity smog pollen noise lake harbour meadow highway apartment skyline
  playstation commute moon electricity tomato coffee soldier cyclist goalie penalty player scorer spectator
`
    .trim()
    .split(/\s+/),
);

/** Things of other fields that two words name. */
const PHRASES = new RegExp(
  String.raw`\b(${[
    'temperatures? outside|outside temperatures?|air quality|noise levels?|pollen counts?|wind speeds?|water levels?|sea levels?|carbon footprint|solar panels?',
    'crime rates?|unemployment rates?|inflation rates?|interest rates?|exchange rates?|birth rate of (?:the )?country',
    'stock (?:prices?|markets?)|share prices?|house prices?|gas prices?|oil prices?|market shares?|box office|tax rates?',
    'power outages?|fuel consumption|battery life|speed limits?|car accidents per|traffic jams?|train stations?|bus stops?',
    'post offices?|gift shops?|shopping (?:malls?|carts?)|search engines?|web ?sites?|e-?mails? (?:sent|received)|page views?',
    'press conferences?|football matches|world cups?|home runs?|free throws?|penalty kicks?|standing tackles?',
    String.raw`(?:goals?|runs?|points?|tries|touchdowns?|baskets?) (?:(?:were|was|did|does|do|has|have|the|a|an|team|club|he|she|they|[a-z]+) ){0,4}?scored?`,
    String.raw`(?:match(?:es)?|games?|races?|trophies|points) (?:(?:were|was|did|does|do|has|have|the|a|an|team|club|he|she|they|[a-z]+) ){0,4}?(?:won|win|lost|lose|drew)`,
  ].join('|')})\b`,
  'i',
);

const IRREGULAR: Readonly<Record<string, string[]>> = {
  sing: ['sang', 'sung'],
  drive: ['drove', 'driven'],
  swear: ['swore', 'sworn'],
  wear: ['wore', 'worn'],
  swim: ['swam', 'swum'],
  steal: ['stole', 'stolen'],
  ride: ['rode', 'ridden'],
};

/** What people do that no record of care keeps. */
const DEEDS: ReadonlySet<string> = new Set(
  `
  dance sing paint cook bake drive knit sew juggle whistle smile laugh yawn wink shout yell swear curse gossip joke flirt
  wear climb swim jog ski surf skate sail gamble travel commute recycle hike hunt fish ride pray worship meditate vote
  tweet blog film photograph whisper giggle grin hum clap cheer celebrate own rent lease steal invent compose play
`
    .trim()
    .split(/\s+/)
    .flatMap(formsOf),
);

/** `bake` as bakes, baked, baking; `jog` as jogs, jogged, jogging. */
function formsOf(verb: string): string[] {
  const irregular = IRREGULAR[verb] ?? [];
  const stem = verb.replace(/e$/, '');
  const doubled = /[^aeiou][aeiou][bgmnpt]$/.test(verb) ? [`${verb + verb.at(-1)!}ed`, `${verb + verb.at(-1)!}ing`] : []; // prettier-ignore
  const third = /(?:sh|ch|s|x)$/.test(verb) ? `${verb}es` : `${verb}s`;
  return [verb, third, `${stem}ed`, `${stem}ing`, ...doubled, ...irregular];
}

/** What patients do that a record may keep, by the beginning of the word. */
const SYMPTOM =
  /^(?:vomit|miscarr|bleed|bled|faint|relaps|hallucinat|cough|wheez|aspirat|overdos|cod(?:e|ed|es)$|arrest|abort|clot|perforat|elop|seiz|convuls|collaps|chok|limp|sneez|itch|sweat|trembl|urinat|defecat|ovulat|menstruat|lactat|ambulat|desaturat|decompensat|bing|purg|abus|misus|quit|smok|dr[iau]nk|stutter|stammer|swell|swol|ach(?:e|ed|es)$|hurt|sleepwalk|snor|conceiv|gag|regurgitat|exsanguinat|dehisc|reject|conver|progress)/;
const ADJECTIVE = /(?:ic|ive|al|ous|ant|ent|ar|ary|less|ful|id|oid|ated|i[sz]ed|free|positive)$/;

const SUBJECT = String.raw`(?:which|what|how many)(?: of (?:the|our))? (?:(?!of|the|a)[a-z]+ )?(?:patients?|persons?|people|men|women|children|doctors?|physicians?|nurses?|surgeons?|providers?|clinicians?|practitioners?|caregivers?|hospitals?|clinics?|organi[sz]ations?|facilit(?:y|ies)|care sites?|departments?|wards?)`;
/** The word in a verb's place: `which nurse smiles`, `who painted the …`. A verb behind it makes it a name. */
const VERB_PLACE = new RegExp(
  String.raw`\b(${SUBJECT}|who|whoever) ([a-z]+|__TEXT_\d+__)(?![\w'’-])(?! (?:is|was|were|are|has|had|have|did|does|do|[a-z]+ed)\b)`,
  'gi',
);
/** One of these has a verb in -s: `which nurse smiles`. */
const ONE_SUBJECT =
  /(?:patient|person|doctor|physician|nurse|surgeon|provider|clinician|practitioner|caregiver|hospital|clinic|organi[sz]ation|facility|site|department|ward)$/i;

/** `was filmed` */
const DONE_TO = /\b(?:was|were|is|are|been|being|gets?|got) ([a-z]+|__TEXT_\d+__)(?![\w'’-])/gi;

/** Something of a place that is measured or counted, and no patient's: `the temperature in Paris`. */
const OF_A_PLACE =
  /^\W*(?:what(?:['’]s| is| was| are| were)?|how (?:hot|cold|warm|high|large|big|far)(?: is| was)?|show(?: me)?|tell me|give me)?\W*(?:the )?(?:current |average |mean |highest |lowest |outside |daily |local )*(temperature|weather|humidity|population|distance|altitude|elevation|capital|time|price|air quality|quality|pressure|traffic|wind speed|sunshine|rain|snow) (?:in|at|of|from|to|on) (__TEXT_\d+__)(?=\W*$| (?:today|now|yesterday|tomorrow|to|in|on|during|last|this|next)\b)/i;

/** What was done to somebody by such a thing is recorded. */
const HARM =
  /\b(?:allerg\w*|bit(?:e|es|ten)|stung|stings?|injur\w*|accidents?|poison\w*|ingest\w*|expos\w*|intoxicat\w*|trauma|falls?|fell|burn(?:s|ed)?|hit by|struck|crash\w*|collisions?|swallow\w*|religion|occupation|profession|jobs?)\b/i;

/** A name that the vault took out, with its words. */
export interface SaidName {
  name: string;
  text: string;
}

/** A question with placeholders, with the words of its names, and with misspelled words as they were written. */
export interface AskedTexts {
  question: string;
  spoken: string;
  written: string;
}

/**
 * The words and placeholders of a question that belong to another field. A schema that explains a word has such rows.
 *
 * @param names what the vault took for names without knowing a column
 */
export function ofOtherFields(
  { question, spoken, written }: AskedTexts,
  names: readonly SaidName[],
  explains: (word: string) => boolean,
): string[] {
  const texts = new Map(names.map(({ name, text }) => [name, text]));
  const found: string[] = [];
  for (const [, name] of question.matchAll(DONE_TO)) {
    if (isDeed(texts.get(name!) ?? name!.toLowerCase(), explains)) found.push(name!);
  }
  for (const [, subject, word] of question.matchAll(VERB_PLACE)) {
    const text = texts.get(word!);
    if (text !== undefined && ONE_SUBJECT.test(subject!) && !/^[a-z]+(?:s|ed)\b/.test(text)) continue;
    if (text === undefined ? isDeed(word!.toLowerCase(), explains) : isForeignVerb(text, explains))
      found.push(word!);
  }
  const place = OF_A_PLACE.exec(question);
  if (place !== null && /^\p{Lu}/u.test(texts.get(place[2]!) ?? '')) found.push(place[1]!.toLowerCase());
  if (HARM.test(spoken)) return found;
  const phrase = PHRASES.exec(spoken)?.[1];
  if (phrase !== undefined) found.push(phrase.toLowerCase());
  for (const word of written.match(/(?<![\w'’-])[a-z]{3,}(?![\w'’-])/g) ?? [])
    if (isEveryday(word) && !explains(word)) found.push(word);
  for (const { name, text } of names) {
    const words = text.split(/[^\p{L}'’]+/u);
    if (!isClinical(words) && words.some((word) => isEveryday(word) && !explains(word))) found.push(name);
  }
  return found;
}

/** In small letters: names are written with capitals, as `Lion Clinic` is. */
function isEveryday(word: string): boolean {
  return EVERYDAY.has(word) || EVERYDAY.has(singularOf(word));
}

function isDeed(word: string, explains: (word: string) => boolean): boolean {
  return DEEDS.has(word) && !explains(word);
}

/** Whether a name in a verb's place is a verb of no record: in small letters, no symptom and no adjective. */
function isForeignVerb(text: string, explains: (word: string) => boolean): boolean {
  const [first = ''] = text.split(/[^\p{L}'’]+/u);
  if (!/^[a-z]{3,}$/.test(first) || explains(first)) return false;
  if (DEEDS.has(first)) return true;
  // What happened to patients may have any verb: `refused`, `consented`.
  return (
    !first.endsWith('ed') &&
    !SYMPTOM.test(first) &&
    !ADJECTIVE.test(first) &&
    !isClinical([first]) &&
    !isMedicalTerm(singularOf(first), '')
  );
}
