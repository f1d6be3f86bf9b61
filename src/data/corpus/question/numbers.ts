/** The numbers that a column of that name may hold, and the step between round ones. The first that fits counts. */
const RANGES: readonly [RegExp, number, number, number?][] = [
  [/\b(pain|apgar)\b/, 1, 9],
  [/\bacuity|triage\b/, 1, 5],
  [/\b(systolic|sbp)\b/, 85, 190],
  [/\b(diastolic|dbp)\b/, 45, 115],
  [/\b(heart rate|pulse|hr)\b/, 45, 150],
  [/\b(respiratory|breathing|resp)\b/, 8, 36],
  [/\btemperature\b/, 35, 41],
  [/\b(saturation|spo2|oxygen level|o2)\b/, 82, 99],
  [/\b(bmi|body mass)\b/, 17, 45],
  [/\bbirth weight|weight at birth\b/, 800, 4600, 100],
  [/\bheight\b/, 130, 200],
  [/\bweight\b/, 40, 150],
  [/\bage\b/, 1, 95],
  [/\b(gestation|gestational)\b/, 22, 41],
  [/\bpack years\b/, 2, 60],
  [/\btidal\b/, 250, 700, 10],
  [/\b(cholesterol)\b/, 120, 320],
  [/\b(refills?|repeats|copies|seats left)\b/, 1, 11],
  [/\bdays? ?(of )?supply|supply (in )?days|days without\b/, 5, 90],
  [/\b(length of stay|stay in days|days in (the )?(hospital|icu)|los|days lost|lost days)\b/, 2, 40],
  [/\b(duration|minutes)\b/, 10, 300, 5],
  [/\b(overtime|extra hours|effort|hours)\b/, 2, 60],
  [/\b(quality of life|score|points|grade point average)\b/, 2, 30],
  [/\b(percent|discount|ratio|deviation|difference)\b/, 2, 60],
  [/\b(rating)\b/, 1, 9],
  [/\b(beds?|bed capacity)\b/, 10, 600, 10],
  [/\b(members?|customers|covered|population|enrollment|participants|target size)\b/, 50, 9000, 50],
  [/\b(words?)\b/, 50, 3000, 50],
  [/\b(images?|readings?|questions|items|lines)\b/, 2, 120],
  [/\b(units?( of service)?)\b/, 2, 30],
  [/\b(dose number|number of the dose)\b/, 1, 5],
  [/\b(dose|dosage|strength)\b/, 5, 500, 5],
  [/\b(radiation)\b/, 2, 30],
  [/\b(blood loss|volume|output)\b/, 50, 2000, 50],
  [/\brate\b/, 5, 250, 5],
  [/\b(calories|energy)\b/, 200, 2500, 50],
  [/\b(distance|kilometres|mileage)\b/, 5, 400, 5],
  [/\b(income|salary|pay|budget|credit)\b/, 20_000, 150_000, 1000],
  [/\b(refill|dispenses|exposures|encounters|procedures|visits|count|number)\b/, 2, 60],
  [/\b(quantity|stock|amount dispensed)\b/, 5, 300, 5],
  [/\b(size)\b/, 2, 80],
];
const MONEY: [number, number, number] = [50, 8000, 50];
const SMALL_MONEY: [number, number, number] = [5, 120, 5];
const ANY: [number, number, number] = [2, 120, 1];

export interface NumberRange {
  low: number;
  high: number;
  /** People ask about round numbers: `over 500`. */
  step: number;
}

/**
 * @param phrase what people call the column
 * @param words what its name says
 */
export function plausibleRange(phrase: string, words: string, isMoney: boolean): NumberRange {
  const find = (text: string): (typeof RANGES)[number] | undefined =>
    RANGES.find(([name]) => name.test(text));
  const known = find(phrase) ?? find(words);
  const money = /\b(copay\w*|unit|per unit|deductible|fee|coinsurance)\b/.test(phrase) ? SMALL_MONEY : MONEY;
  const [low, high, step = 1] = isMoney ? money : known ? (known.slice(1) as [number, number, number?]) : ANY;
  return { low, high, step };
}
