/** Words of names that nobody says: traces of software, of storage and of other systems. */
const ODD =
  /\b(birthday|raw|original|source|nlp|blob|theta|obsgen|obsclin|uom|config|configuration|handler|namespace|ide|impute[ds]?|rn|gsn|xml|xsd|hl7|java|tval|nval|char|val|txt|qual|sop|lexical|occurs|occurrences|ordinal|num|numeric|as (number|string)|pro|sched|disp|dttm|etc|tscore|rxcui|cui|cdm|datamart|csv|regex|validator|snippet|separation|poe|omr|medrecon|pyxis|emar|hcpcs? ?events?|d (hcpc|icd|item|lab)\w*|precision|absolute|numerator|denominator|system|uncovered|utilization|level of|build|fullname|norm|modifier (low|high)|reference|syntax|statusp|generic sequence|px|dx|sig|fk|pk|sk|wid|temporal|class of|person under|non coded|complex|abn|ind|dod|los|date time|datetime|(quantity|confidence|years|response|result|value) number|reported|confirmed|template|path|in out|free text|concept|confidence|imputation|comparison|scheduled for|valtype|valuenum|valueuom|fromdate|todate|tos|to it|match|visit detail|unit text|panel|obs|gsn|status code|biobank|order ed|prev|curr|valid (from|to)|estimated (death|birth)|(date|birth|death) estimated|value as|of record|shifted year|allergic condition|time (in|out)$|duration minutes|primary payer id|crosswalk|synonym|fulfil\w*|verbatim|ppx|pdx|loc|grpg|secondary payer|expected (?!delivery|discharge)\w+|wt|ht|cms?|sup|enr|outstandingp|deathc|planned (?!discharge|admission)\w+|recorded (ethnicity|race|gender|sex)|second reaction|[a-z]+ id id|preferred handler|description of|version of)\b/;
/** More of them, in the schemas of the package: flags of a form, links between rows, settings of a pump. */
const TECHNICAL =
  /\b(dispense sup|prescription basis|order basis|basis|person a|(first|second) person|med admin|poa|bp position|prn|vitalid|coded|answer id|sort (order|weight)|abstraction|adaptive|error|barcode|microevent|(org|ab|spec) (item|name)\w*|isolate|dilution|anchor|year group|sliding|lockout|basal|hr max|hourly maximum|interval|transaction type|order action|action|linked \w+|linkorderid|isopenbag|open bag|new iv bag|continued|elsewhere|formulary|etccode|etcdescription|verified|verifiedtime|entertime|entered|subtype|infusion rate|component type|order category|object type|fee schedule|ownership|owner (type|name)|headquarter\w*|member months|months of membership|transferred|adjust\w*|base cost|base encounter cost|instance|mapping|search index|details|parent|containing|value group|laterality|workflow|state id|tag id|identifier type|sequence number|serial|enclosing|preceding|segment|linked event|event id|domain id|invitation|invite|npi flag|has an npi|warning|hispanic|chart|substituted|substitution|as needed|dispense as written|verification|certainty|criteria|repeats|sub ?ject id number|fips|modifier|number used|value (type|flag)|paid by \w+|origin|until date|bodysite|description)\b/;
/** Nouns of a row that nobody uses for it, or that mean something else as well. */
const ODD_NOUN =
  /^(pharmacy|nurse|dispense)$|^other |^procedures |^diagnoses |^contact$|\b(name|order detail|phase)$|\b(participation|biopsy sample|ward stay|address|chart(ed)? date|administration detail|relationship|prescribing|imaging|price|cost|amount|human being|decease|mortality|mortality record|deceased patient|alia|ob|set of vitals|record|rx|fact|master|dimension|hcpc|drgcode|occurrence|agreement|relative|vitalsign|medication admin|admin|contract|membership|contact with patients?|nutrient|drip|receipt|move|insurance|unit stay|service|filled medication|dispensed medication|ingredient|biosample|trial|clinical trial|caregiver|order group|group of orders|(chart|lab|input|output|procedure|date|time|ingredient|observation) event|\w+event|person under care|demographic|coverage window|consumable|span|login)$/;
/** Words that need a noun: `the middle of a patient`. */
const INCOMPLETE =
  /^(middle|maiden|first|last|from|to|until|begin|since|open|line|brief|full|own|days?|hours?|points|amount owed|per day|set|required|initial|terminal|second|drivers|class|rank|group|place|code|number|reference|identifier|system|text|content|other|present|stored in table|prefix|suffix|title|lot|encounters|procedures|utilization|label|detail|details|data|meaning|low|high|fills?|kind|time|date|flag|location|items?)$/;
/** Ends of phrases that no plural fits: `amount paid`, `admitted from`. */
const NO_PLURAL =
  /(^|\b)(\w+ed|from|to|at|on|by|of|given|paid|where|how|why|drinking|smoking|living|alive|dead|left|unless|with)( \w+)?$/;
/** What is counted in the singular: `the weights of patients` aside. */
const HEAD =
  /\b(date|time|birthday|name|surname|forename|title|city|town|county|country|language|type|class|category|kind|code|status|level|score|rate|price|cost|charge|amount|dose|dosage|fee|payment|copay|premium|deductible|value|result|count|number|quantity|volume|weight|height|temperature|pressure|pulse|unit|route|frequency|severity|priority|urgency|specialty|region|state|province|facility|hospital|department|ward|unit|location|drug|medication|medicine|vaccine|diagnosis|disease|condition|procedure|operation|test|organism|antibiotic|allergen|substance|reaction|outcome|source|disposition|destination|mode|method|race|ethnicity|sex|gender|religion|nationality|occupation|modality|position|stage|grade|phase|arm|insurer|payer|plan|provider|doctor|physician|reason|complaint|cause|relation|relative|diet|fluid|body part|body site|device|product|item|supplier|model|segment|term|semester|job|size|limit|age|duration|salary|budget|discount|rating|distance|mileage|capacity|length|goal|comment|note|id|zip|postcode|year|note type|service|room|bed|label|description|stay)s?$/;

/** True if people may say the phrase for what a column holds. */
export function isPlainPhrase(phrase: string): boolean {
  const words = phrase.split(' ');
  return (
    words.length <= 5 &&
    !/\d|\b[b-z]\b/.test(phrase) &&
    !ODD.test(phrase) &&
    !TECHNICAL.test(phrase) &&
    !INCOMPLETE.test(phrase) &&
    !/^(to|from) | (to|from|at|by|as)$/.test(phrase) &&
    words.every(
      (word) => word.length <= 13 || (word.length <= 16 && /(tion|ment|ity|ness|logy)s?$/.test(word)),
    )
  );
}

/** True if people may call a row so. */
export function isPlainNoun(noun: string): boolean {
  return isPlainPhrase(noun) && noun !== 'case' && !ODD_NOUN.test(noun) && !/ of an? /.test(noun);
}

/** True if the plural of the phrase names several of what it names: `visit types`, and not `amount paids`. */
export function hasPlural(phrase: string): boolean {
  const head = / (of|in|for|at) /.exec(phrase);
  const noun = head === null ? phrase : phrase.slice(0, head.index);
  return HEAD.test(noun) && !NO_PLURAL.test(noun);
}

/** True if a word of the phrase stands between its noun and what follows: `period on a ventilator`. */
export function hasTail(noun: string): boolean {
  return / (of|on|in|for|with|to) /.test(noun);
}
