/** Words that announce a value; cues.ts says how. */

export function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/** Words after which a diagnosis or procedure is named, with the words of which one must precede them. */
export const CLINICAL_CUES: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['with', words('diagnosed present presented presenting presents suffering infected afflicted associated')],
  ['as', words('diagnosed')],
  ['from', words('suffering suffer suffers suffered')],
  [
    'of',
    words(
      'diagnosis diagnoses history complaint complaints complaining complained symptoms case cases episode cost price',
    ),
  ],
  ['for', words('treated positive negative tested screened vaccinated')],
  ['to', words('allergic allergy intolerant sensitive')],
  ['against', words('vaccinated immunized immunised')],
  ['called', words('procedure disease diagnosis condition surgery operation')],
]);
export const CLINICAL_NOUNS = words('procedure diagnosis disease condition surgery operation');
export const MOVED = words(
  'discharged transferred moved referred released sent admitted discharge discharges admission admissions transfer transfers came come arrived',
);
export const TO_PLACES = words('to from at into via through');
export const CLINICAL_ALONE = words('underwent undergo undergoing undergone undergoes');

export const PLAIN =
  words(`prescribed prescribe given giving taking took taken take takes received receiving receive receives
  administered using used use uses named surnamed called titled labelled labeled entitled on via`);

/** After these a name follows, and no word of the question: it is never taken for a misspelled one. */
export const ANNOUNCERS: ReadonlySet<string> = new Set([
  ...PLAIN,
  ...CLINICAL_ALONE,
  'with',
  'having',
  'against',
]);

/** After these a column's value follows. */
export const STATES = words('as is was are were equals be being');
export const STATED_BY = words(
  'described known categorized categorised classified listed recorded marked specified documented labeled',
);

/** After these a row's status follows: `flagged abnormal`. */
export const FLAGGED = words('flagged marked rated graded deemed labeled labelled');
/** Columns whose value people put right behind the name: `with vital status deceased`, `marital status S`, `modality DX`. */
export const STATE_NOUNS = words('status modality severity priority disposition outcome flag income acuity');

/** Every word of the lists above. */
export const CUE_WORDS: readonly string[] = [
  ...CLINICAL_CUES.keys(),
  ...[CLINICAL_ALONE, CLINICAL_NOUNS, PLAIN, STATES, TO_PLACES, FLAGGED, STATE_NOUNS].flatMap((list) => [
    ...list,
  ]),
  'discharged',
  'sent',
  'went',
  'go',
  'goes',
];
