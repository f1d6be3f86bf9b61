/** Statements and questions with what is in them marked. */
import { h } from './dom.js';

const KEYWORDS = new Set(
  (
    'SELECT DISTINCT TOP FROM WHERE AND OR NOT IN IS NULL LIKE BETWEEN JOIN INNER LEFT RIGHT FULL OUTER CROSS ON AS GROUP ' +
    'BY ORDER ASC DESC HAVING CASE WHEN THEN ELSE END EXISTS UNION ALL WITH TIES PERCENT'
  ).split(' '),
);

const TOKEN =
  /(?<comment>--[^\n]*|\/\*[\s\S]*?\*\/)|(?<text>N?'(?:[^']|'')*')|(?<name>\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*")|(?<placeholder>__[A-Z]+_\d+__)|(?<number>\b\d+(?:\.\d+)?\b)|(?<word>[\p{L}_@#][\p{L}\p{N}_@#$]*)/gu;

/** Clauses that begin a line. */
const CLAUSE = / (?=(?:FROM|WHERE|GROUP BY|ORDER BY|(?:LEFT |RIGHT |FULL |INNER |CROSS )?(?:OUTER )?JOIN)\b)/;

/**
 * The statement with a line for each clause; texts in quotes stay as they are.
 * @param {string} sql
 */
export function inLines(sql) {
  // Joins keep their LEFT: a break is made before the longest match, and only outside quotes.
  return sql
    .split(/('(?:[^']|'')*'|\[(?:[^\]]|\]\])*\])/)
    .map((part, i) =>
      i % 2 === 1
        ? part
        : part
            .split(CLAUSE)
            .join('\n')
            .replace(/(LEFT|RIGHT|FULL|INNER|CROSS)\n(JOIN|OUTER)/g, '$1 $2'),
    )
    .join('');
}

/**
 * @param {string} sql
 * @returns {HTMLElement}
 */
export function coloured(sql) {
  const code = h('code', { class: 'sql' });
  let last = 0;
  for (const match of sql.matchAll(TOKEN)) {
    const [token] = match;
    code.append(sql.slice(last, match.index));
    last = match.index + token.length;
    const kind = kindOf(match, sql[last] === '(');
    code.append(kind ? h('span', { class: kind }, token) : token);
  }
  code.append(sql.slice(last));
  return code;
}

/**
 * @param {RegExpMatchArray} match
 * @param {boolean} isCall
 */
function kindOf(match, isCall) {
  const groups = match.groups ?? {};
  if (groups['word'] === undefined) return Object.keys(groups).find((name) => groups[name] !== undefined);
  if (KEYWORDS.has(match[0].toUpperCase())) return 'keyword';
  return isCall ? 'function' : undefined;
}

/**
 * The question with its values marked.
 * @param {string} question
 * @param {import('./api.js').AnswerBody['placeholders']} placeholders
 */
export function markedQuestion(question, placeholders) {
  const marks = placeholders
    .flatMap(({ name, kind, columns, spans }) => spans.map((span) => ({ ...span, name, kind, columns })))
    .sort((a, b) => a.start - b.start);
  const line = h('p', { class: 'question' });
  let last = 0;
  for (const { start, end, name, kind, columns } of marks) {
    if (start < last) continue;
    const where = columns ? `, of ${columns.join(' or ')}` : '';
    line.append(
      question.slice(last, start),
      h('mark', { title: `${name}: ${kind}${where}`, class: prefixOf(name) }, question.slice(start, end)),
    );
    last = end;
  }
  line.append(question.slice(last));
  return line;
}

/**
 * A text with its placeholders marked, as they are or as the person wrote them.
 * @param {string} text
 * @param {import('./api.js').AnswerBody['placeholders']} [written]
 */
export function withPlaceholders(text, written = []) {
  const texts = new Map(written.map((placeholder) => [placeholder.name, placeholder.text]));
  return text
    .split(/(__[A-Z]+_\d+__)/)
    .map((part, i) => (i % 2 === 1 ? h('mark', { class: prefixOf(part) }, texts.get(part) ?? part) : part));
}

/** @param {string} name */
export function prefixOf(name) {
  return /^__([A-Z]+)_\d+__$/.exec(name)?.[1]?.toLowerCase() ?? '';
}
