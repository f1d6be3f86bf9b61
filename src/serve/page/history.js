/** Questions and answers of this browser. They never leave it. */

/** @typedef {{question: string, answer: import('./api.js').AnswerBody, at: number}} Entry */

const PLACE = 'openward.history';
const MOST = 50;

/**
 * Newest first. What another version of the page wrote and this one cannot read is left out.
 * @returns {Entry[]}
 */
export function readHistory() {
  try {
    const entries = JSON.parse(localStorage.getItem(PLACE) ?? '[]');
    return Array.isArray(entries) ? entries.filter(isEntry) : [];
  } catch {
    return [];
  }
}

/** @param {any} entry */
function isEntry(entry) {
  return typeof entry?.question === 'string' && Array.isArray(entry.answer?.verdict?.gates);
}

/** @param {Entry} entry */
export function remember(entry) {
  const older = readHistory().filter(
    ({ question, answer }) => question !== entry.question || answer.schema !== entry.answer.schema,
  );
  write([entry, ...older].slice(0, MOST));
}

export function forgetAll() {
  localStorage.removeItem(PLACE);
}

/** @param {Entry[]} entries */
function write(entries) {
  try {
    localStorage.setItem(PLACE, JSON.stringify(entries));
  } catch {
    // The browser's room is used up, or it keeps nothing: the page works without a history.
  }
}
