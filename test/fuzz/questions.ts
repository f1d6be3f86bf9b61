import { pickOf, type Pick } from '../sql/validator/choices.js';

/**
 * Questions that nobody would write: values in every format that the vault knows, cut, joined and interleaved, with
 * placeholders, Unicode and words between them.
 */
export function generateQuestion(pick: Pick): string {
  const pieces = 1 + pick(pick(8) === 1 ? 40 : 9);
  let text = '';
  for (let i = 0; i < pieces; i++) text += pickOf(pick, PIECES)(pick) + pickOf(pick, GLUE);
  return pick(3) === 1 ? damage(pick, text) : text;
}

const digits = (pick: Pick, count: number): string =>
  Array.from({ length: count }, () => String(pick(10))).join('');
const letters = (pick: Pick, count: number): string =>
  Array.from({ length: count }, () => String.fromCharCode(65 + pick(26))).join('');
const two = (n: number): string => String(n).padStart(2, '0');

const MONTHS = 'January Feb. Mar April may JUNE Jul August Sept. Oct November dec'.split(' ');
const PREFIXES = ['ID', 'DATE', 'TEXT', 'NUM', 'id', 'Id', 'MRN', 'ΙD'];

const day = (pick: Pick): [number, number, number] => [1890 + pick(220), pick(14), pick(33)];

const PIECES: readonly ((pick: Pick) => string)[] = [
  (pick) => pickOf(pick, WORDS),
  (pick) => pickOf(pick, WORDS),
  (pick) => pickOf(pick, LABELS),
  (pick) => digits(pick, 1 + pick(6)),
  (pick) => `0${digits(pick, 1 + pick(9))}`,
  (pick) => digits(pick, 10 + pick(20)),
  (pick) =>
    `${letters(pick, 1 + pick(4))}${pickOf(pick, ['-', '', '_', '/', '.'])}${digits(pick, 1 + pick(8))}`,
  (pick) => {
    const [y, m, d] = day(pick);
    const sign = pickOf(pick, ['-', '/', '.', '', ' ', '–']);
    const [a, b, c] = pickOf(pick, [
      [String(y), two(m), two(d)],
      [two(m), two(d), String(y)],
      [String(d), String(m), two(y % 100)],
    ]);
    return `${a}${sign}${b}${sign}${c}`;
  },
  (pick) => {
    const [y, , d] = day(pick);
    const month = pickOf(pick, MONTHS);
    return pickOf(pick, [
      `${month} ${d}, ${y}`,
      `${d} ${month} ${two(y % 100)}`,
      `${month} ${y}`,
      `the ${d}th of ${month}, ${y}`,
      `${month} ${d}-${d + 3}, ${y}`,
      `${d}${month}${y}`,
    ]);
  },
  (pick) =>
    pickOf(pick, [
      'Q1 2024',
      '2024Q4',
      '2024-Q2',
      'third quarter of 2023',
      'FY24',
      '2024/03',
      '1990s',
      "'24",
    ]),
  (pick) => `${two(pick(26))}:${two(pick(61))}${pickOf(pick, ['', ':59', ' pm', 'Z', '.123', '+02:00'])}`,
  (pick) =>
    `2024-03-05${pickOf(pick, ['T', ' ', 't'])}10:${two(pick(70))}:00${pickOf(pick, ['', 'Z', '.5', '-0500'])}`,
  (pick) => `${digits(pick, 3)}-${digits(pick, 2)}-${digits(pick, 4)}`,
  (pick) => `(${digits(pick, 3)}) ${digits(pick, 3)}-${digits(pick, 4)}`,
  (pick) => `+${digits(pick, 1 + pick(3))} ${digits(pick, 9)}`,
  (pick) => `${letters(pick, 3).toLowerCase()}.${digits(pick, 2)}@${letters(pick, 4)}.org`,
  (pick) =>
    `${digits(pick, 8)}-${digits(pick, 4)}-4${digits(pick, 3)}-a${digits(pick, 3)}-${digits(pick, 12)}`,
  (pick) => `${letters(pick, 1)}${digits(pick, 2)}.${digits(pick, 1 + pick(3))}`,
  (pick) => `${digits(pick, 5)}-${digits(pick, 4)}-${digits(pick, 2)}`,
  (pick) => `${digits(pick, 4)}-${digits(pick, 1)}`,
  (pick) => `${letters(pick, 1)}${digits(pick, 4)}`,
  (pick) => `${letters(pick, 1)}${digits(pick, 2)}${letters(pick, 2)}${digits(pick, 2)}`,
  (pick) => {
    const [open, close] = pickOf(pick, QUOTES);
    return `${open}${pickOf(pick, WORDS)}${pickOf(pick, ['', ' ', "'", '"', '__'])}${digits(pick, pick(4))}${close}`;
  },
  (pick) =>
    `${pickOf(pick, ['over', 'under', '>', '<=', 'between', 'at least', 'top'])} ${digits(pick, 1 + pick(4))}`,
  (pick) => `${digits(pick, 1 + pick(2))},${digits(pick, 3)},${digits(pick, 3)}.${digits(pick, 2)}`,
  (pick) =>
    `${pickOf(pick, ['$', '€', '-', '−', '±', '~', '#'])}${digits(pick, 1 + pick(4))}${pickOf(pick, ['%', ' mg/dL', 'k', 'M', ''])}`,
  (pick) => `__${pickOf(pick, PREFIXES)}_${pick(20)}${pickOf(pick, ['__', '_', '', '__ _'])}`,
  (pick) => pickOf(pick, ODD),
  (pick) => pickOf(pick, ODD),
  (pick) => String.fromCodePoint(1 + pick(0x10fffe)),
  (pick) => String.fromCharCode(pick(0x10000)),
  (pick) => String.fromCharCode(pick(0x180)),
];

const WORDS =
  `show patients visits with id MRN for in of the between and or since before older than type 2 diabetes COVID-19
  vitamin B12 30-day readmission last week per month stage IV H1N1 HbA1c T4 O2 claim order encounter NPI SSN phone`.split(
    /\s+/,
  );

const LABELS =
  `patient id;patient #;MRN:;mrn=;visit number;claim no.;NPI;SSN;order_id =;ICD-10 code;ICD-9;CPT;HCPCS;LOINC;NDC;
  SNOMED;RxNorm;ATC;person_id in (;encounter ids;account;accession number;neither patient;born on;named`.split(
    /;\s*/,
  );

const QUOTES = [
  ["'", "'"],
  ['"', '"'],
  ['“', '”'],
  ['„', '“'],
  ['«', '»'],
  ['`', '`'],
  ["'", '"'],
  ['‘', '’'],
  ["''", "''"],
  ['', "'"],
] as const;

const GLUE = [
  ' ',
  ' ',
  ' ',
  ' ',
  '',
  '',
  ', ',
  '-',
  '/',
  '.',
  '_',
  '__',
  ':',
  ' and ',
  '\n',
  '\t',
  '\u00a0',
  '\u200b',
  '’s ',
  '; ',
];

const ODD =
  `\u0000 \u0007 \u001b \u007f \u0085 \u00ad \u0301 \u0660\u0661 \u06f3 \uff11\uff12 ² ½ Ⅳ é e\u0301 ß İ ı \ud83d \udc89 💉 \u202e \u2066
  \ufeff \u2028 \u3000 \ufe4f\ufe4f \uff3f\uff3f \u203f_ ＿＿ID＿1＿＿ _\u200b_ID_1__ __\u0130D_1__ $& $1 \\ %s {0} \${x} <b> </s> -- /* ; '' ''' """ [x] ]]`
    .split(' ')
    .filter((piece) => piece !== '');

/** Deletes, doubles or moves a piece, so that separate spans may overlap. */
function damage(pick: Pick, text: string): string {
  const at = pick(text.length + 1);
  const to = Math.min(text.length, at + 1 + pick(12));
  const piece = text.slice(at, to);
  switch (pick(4)) {
    case 0:
      return text.slice(0, at) + text.slice(to);
    case 1:
      return text.slice(0, to) + piece + text.slice(to);
    case 2: {
      const other = pick(text.length + 1);
      return text.slice(0, other) + piece + text.slice(other);
    }
    default:
      return [...text].reverse().join('');
  }
}
