/** How a word of time is judged that no recogniser has read. */
export type TimeName =
  | 'month'
  | 'weekday'
  /** `weekend`, `weekday` */
  | 'kind-of-day'
  | 'season'
  | 'holiday'
  | 'hour'
  | 'part-of-day'
  | 'clock'
  | 'vague'
  | 'era'
  | 'ago'
  | 'few'
  | 'yesterday'
  | 'part';

const WORDS: Record<TimeName, string> = {
  month: `january february march april may june july august september october november december jan feb mar apr jun jul
    aug sep sept oct nov dec`,
  weekday: `monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays
    saturdays sundays`,
  'kind-of-day': 'weekend weekends weekday weekdays workday workdays',
  season: 'spring summer autumn fall winter season seasons springtime summertime wintertime',
  holiday: 'christmas xmas easter thanksgiving halloween ramadan hanukkah diwali passover year years',
  hour: 'noon midday midnight dawn dusk tonight overnight daytime nighttime sunrise sunset lunchtime bedtime',
  'part-of-day': 'morning mornings afternoon afternoons evening evenings night nights',
  clock: "o'clock o’clock",
  vague: 'recently lately nowadays ytd mtd qtd',
  era: 'century centuries fortnight fortnights millennium',
  ago: 'ago',
  few: 'few several',
  yesterday: 'yesterday',
  part: 'early mid late beginning start end middle half turn week weeks day month quarter part close',
};

/** Every word of time that may be left unread, in lower case. */
export const TIME_NAMES: ReadonlyMap<string, TimeName> = new Map(
  Object.entries(WORDS).flatMap(([name, words]) =>
    words.split(/\s+/).map((word) => [word, name as TimeName] as const),
  ),
);
