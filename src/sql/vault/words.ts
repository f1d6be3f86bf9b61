/** Word lists that several recognisers share, all in lower case. */

function set(words: string): ReadonlySet<string> {
  return new Set(words.trim().split(/\s+/));
}

/** Units of time. `30 days` stays in the question unless something is compared with it. */
export const TIME_UNITS = set(`
  second seconds sec secs minute minutes min mins hour hours hr hrs h day days d night nights week weeks wk wks w
  month months mo mos quarter quarters year years yr yrs decade decades`);

/** Units of measurement. The number before one is always a threshold. */
export const UNITS = set(`
  mg g kg mcg ug µg μg ng pg lb lbs pound pounds ounce ounces oz ml l dl liter liters litre litres cc mmol mol umol
  µmol nmol pmol meq iu u miu mmhg cmh2o bpm cm mm m km inch inches feet ft percent percentage dollars dollar usd eur
  euro euros cents kcal calories cells copies ppm points kpa units times celsius fahrenheit beats tablets pills
  capsules doses`);

/** Something is compared with a number after one of these. */
export const COMPARATORS = set(`
  over under above below least exceeding exceeds exceed exceeded minimum maximum min max aged age ages approximately
  approx about around roughly nearly almost beneath beyond reached reaching`);

/** `equals 17`, `is exactly 17`: the number is an amount or an ID. */
export const EQUALITIES = set('equals equal equalling exactly');

/** `2 weeks ago`: with one of these a span of time means a moment and stays, even in `more than 2 weeks ago`. */
export const RELATIVE_ENDS = set('ago back earlier prior');

/** `no later than 2020`: these compare dates. */
export const TEMPORAL_COMPARATIVES = set('later earlier sooner newer recent recently');

/** `a score of 15`, `a minimum of 2000`. */
export const QUANTITIES = set(`
  minimum maximum min max value values score scores dose doses level levels total threshold cutoff weight height cost
  costs amount amounts average mean median sum bmi ratio limit count counts price charge charges length duration`);

/** After one of these, `1:10` is not a time of day. */
export const RATIOS = set('ratio ratios titer titers titre titres dilution dilutions');

/** A number right after one of these counts rows: `top 10`, `last 6 months`. */
export const ROW_COUNTS = set('top first last next past previous prior bottom limit latest');

/** `show 10 patients`: a small number counts rows to show. */
export const SHOW = set('show list give get find display return fetch random sample');

/** A small number right after one of these names a stage or a kind: `type 2`, `stage 3`, `COVID-19`. */
export const KEEP_AFTER = set(`
  type types stage stages phase phases grade grades class classes level levels category categories schedule tier tiers
  icd dsm hl7 fhir covid cov sars hepatitis vitamin factor trimester dimension figure table step part section dose
  doses chapter day days week weeks month months cycle cycles pod gleason apgar nyha asa ckd omega interferon
  interleukin il hpv hiv htlv glp sglt dpp cox cd ca phq gad lead`);

/** The words above that can be followed by several numbers: `type 1 or 2`, `stages 3-5`. */
export const STAGES = set(`
  type types stage stages phase phases grade grades class classes level levels category categories tier tiers
  trimester dose doses day days week weeks month months cycle cycles nyha asa ckd hpv gleason`);

/** `OMOP 5.4`, `version 2.1` */
export const VERSIONS = set('version ver v omop cdm fhir hl7 release r');

/** `10 most common`, `5 oldest`: the number counts rows. */
export const SUPERLATIVES = set(`
  most least oldest youngest highest lowest largest smallest longest shortest latest earliest newest best worst fewest
  biggest greatest heaviest lightest commonest rarest costliest cheapest busiest random rows row results records commonly
  frequently`);

/** Words that show that a question ranks rows: `the 5 patients with the most visits`. */
export const RANKING = set(`
  most least fewest oldest youngest highest lowest largest smallest longest shortest latest earliest newest best worst
  biggest greatest commonest rarest costliest cheapest busiest first last recent top bottom`);
/** Words before the number of rows in such a question. */
export const BEFORE_ROWS = set('the which what keep take of me only return pull these');
/** Words that cannot name rows: `a score of 15 with …`. */
export const NOT_ROWS = set(
  'and or with in on at for from to who that which where when is are was were has have had by as',
);

/** After a number: `65 and older`, `3 or more`. */
export const OPEN_ENDS = set(`
  older younger over under above below up more less fewer greater higher lower longer shorter larger smaller`);

/** Words that introduce a date: a number from 1900 to 2099 after one of these is a year. */
export const DATE_WORDS = set(`
  in since before after during by until till from to through between and or year years on as of for throughout
  calendar fiscal fy cy early mid late ending starting beginning begin end start vs versus`);

/** Medical and technical terms with digits, which are not keys. */
const NAMES_WITH_DIGITS =
  /^(?:covid-?(?:19|2019)|(?:sars|mers)-?cov-?\d?|hba1c|a1c|t[12]dm|dm[12]|cd\d{1,3}|il-?\d{1,2}[a-z]?|ca-?(?:125|153|199|19-9|15-3|27-29)|cyp\d[a-z]\d{1,2}|hla-?[a-z]+\d{1,3}|hpv-?\d{1,2}|mir-?\d{1,4}|slc\d{1,2}[a-z]\d{1,2}|ugt\d[a-z]\d{1,2}|brca[12]|her2|p53|h\d{1,2}n\d{1,2}|fev1|mrna-?1273|bnt162b2|azd1222|ppsv\d\d|pcv\d\d|v600[ek]|l858r|t790m|r132h|k27m|exon\d{1,2}|omop|icd-?(?:9|10|11)(?:-?(?:cm|pcs))?|dsm-?(?:iv|5)(?:-tr)?|hl7|utf-?(?:8|16)|sha-?(?:1|256|512)|s100b?|b12|b6|n95|t12|phq-?9|gad-?7|c-?19|pm2\.5|spo2|pao2|paco2|fio2|5-asa|6-mp|5-fu|17-ohp|25-oh|2,3-dpg|(?:cms|hcfa)-?1500|ub-?04|18f|f18|tc99m|i131|y90|lu177)$/;

/** Whether a lower-case word or chunk is a known term and not somebody's key. */
export function isKnownTerm(lower: string): boolean {
  return lower.length <= 16 && NAMES_WITH_DIGITS.test(lower);
}
