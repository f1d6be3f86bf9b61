/** An answer of the server, as a person wants to see it. */
import { sendFeedback } from './api.js';
import { copyButton, h, svg } from './dom.js';
import { rowsView } from './rows.js';
import { coloured, inLines, markedQuestion, prefixOf, withPlaceholders } from './sql.js';

/** @typedef {import('./api.js').AnswerBody} AnswerBody */

/** @type {Record<AnswerBody['verdict']['gates'][number]['gate'], string>} */
const GATES = {
  read: 'Every value was read',
  answerable: 'The schema can answer it',
  placeable: 'Every value has a column',
  valid: 'One safe SELECT',
  fits: 'It keeps what the question says',
  confident: 'The model is sure enough',
};

const DIVIDE = 'Ask for one step at a time; one flat SELECT cannot do this.';
const SAY_IT = 'Say it in other words, and name the table or the column that you mean.';
const WRITE_IT = 'Write the value itself: a number, or a whole date such as 5 March 2024.';
/** @type {Record<string, string>} */
const ADVICE = {
  'not-in-schema':
    'Use a word that the schema has: search for it in the diagram. Or add your own word under Words.',
  'no-query': 'Ask for recorded data: how many, which, when, on average.',
  'needs-having': DIVIDE,
  'needs-window': DIVIDE,
  'needs-subquery': DIVIDE,
  'needs-union': DIVIDE,
  'incomplete-date': WRITE_IT,
  'invalid-date': WRITE_IT,
  'unread-time': WRITE_IT,
  'unread-number': WRITE_IT,
  unplaceable: 'Say what the value is, such as "patient 123", or name its column.',
  unsure: SAY_IT,
  'no-valid-statement': SAY_IT,
};

/**
 * @param {string} question
 * @param {AnswerBody} answer
 * @param {{feedback: boolean, limit: number | undefined}} options whether the server keeps feedback, and the most rows that it
 *   shows, if it runs statements
 */
export function answerView(question, answer, { feedback, limit }) {
  const { statement, refusal } = answer;
  return h(
    'article',
    { class: 'card answer' },
    markedQuestion(question, answer.placeholders),
    statement !== null && statementView(statement, answer),
    refusal && refusalView(refusal, answer),
    answer.id !== undefined && limit !== undefined && rowsView(answer.id, limit),
    gatesView(answer.verdict.gates),
    statement !== null && feedbackView(question, statement, answer.schema, feedback),
    notesView(answer),
    placeholdersView(answer),
    alternativesView(answer),
    h('p', { class: 'quiet small' }, timesOf(answer.timings)),
  );
}

/**
 * @param {string} statement
 * @param {AnswerBody} answer
 */
function statementView(statement, { explanation, confidence }) {
  const lines = inLines(statement);
  return h(
    'div',
    { class: 'statement' },
    h(
      'div',
      { class: 'row bar' },
      h('h2', {}, 'Statement'),
      h('span', { class: 'grow' }),
      confidence && sureness(confidence),
      copyButton(lines),
    ),
    h('pre', { tabindex: '0', 'aria-label': 'Statement' }, coloured(lines)),
    explanation !== null && h('p', { class: 'explanation' }, explanation),
  );
}

/** @param {NonNullable<AnswerBody['confidence']>} confidence */
function sureness({ whole, chance }) {
  const title = `The model gives this statement a probability of ${percent(whole)}.`;
  const often =
    chance !== undefined && chance > 0.99 ? 'nearly always' : `about ${percent(chance ?? 0)} of the time`;
  const text = chance === undefined ? `${percent(whole)} sure` : `right ${often}`;
  return h('span', { class: 'badge sure', title }, text);
}

/**
 * @param {{code: string, message: string}} refusal
 * @param {AnswerBody} answer
 */
function refusalView({ code, message }, { placeholders }) {
  const advice = ADVICE[code];
  return h(
    'div',
    { class: 'refusal' },
    h('h2', {}, 'No statement'),
    h('p', {}, ...withPlaceholders(sentence(message), placeholders)),
    advice !== undefined && h('p', { class: 'advice' }, advice),
    h('p', { class: 'quiet small' }, code),
  );
}

/** @param {AnswerBody['verdict']['gates']} gates */
function gatesView(gates) {
  const sign = { true: ['✓', 'passed'], false: ['✗', 'refused'], null: ['·', 'not reached'] };
  return h(
    'ul',
    { class: 'gates', 'aria-label': 'Verdict' },
    ...gates.map(({ gate, passed }) => {
      const [mark = '', said = ''] = sign[/** @type {keyof typeof sign} */ (String(passed))];
      return h(
        'li',
        { class: said.replace(' ', '-') },
        h('span', { 'aria-hidden': 'true', class: 'tick' }, mark),
        GATES[gate] ?? gate,
        h('span', { class: 'hidden-label' }, `: ${said}`),
      );
    }),
  );
}

/** @param {AnswerBody} answer */
function notesView({ notes, unexplained, placeholders }) {
  const unknown = unexplained.filter((word) => !word.startsWith('__'));
  const words = unknown.length > 0 && `The schema does not explain: ${unknown.join(', ')}.`;
  if (notes.length === 0 && !words) return null;
  return h(
    'ul',
    { class: 'notes', 'aria-label': 'Notes' },
    ...notes.map(({ message }) => h('li', {}, ...withPlaceholders(sentence(message), placeholders))),
    words && h('li', {}, words),
  );
}

/** @param {AnswerBody} answer */
function placeholdersView({ masked, placeholders, maskedStatement }) {
  if (placeholders.length === 0) return null;
  return h(
    'details',
    {},
    h(
      'summary',
      {},
      `Hidden from the model: ${placeholders.length} ${placeholders.length === 1 ? 'value' : 'values'}`,
    ),
    h('p', { class: 'question masked' }, ...withPlaceholders(masked)),
    h(
      'ul',
      { class: 'values' },
      ...placeholders.map(({ name, kind, text, value, columns }) =>
        h(
          'li',
          {},
          h('mark', { class: prefixOf(name) }, name),
          ` ${kind} `,
          text !== undefined && h('b', {}, text),
          value !== undefined && value !== text && ` read as ${value}`,
          columns && h('span', { class: 'quiet' }, ` of ${columns.join(' or ')}`),
        ),
      ),
    ),
    maskedStatement !== null &&
      h(
        'pre',
        { tabindex: '0', 'aria-label': 'Statement with placeholders' },
        coloured(inLines(maskedStatement)),
      ),
  );
}

/** @param {AnswerBody} answer */
function alternativesView({ alternatives, maskedStatement }) {
  if (alternatives.length === 0) return null;
  return h(
    'details',
    { open: alternatives.length > 1 && maskedStatement === null },
    h(
      'summary',
      {},
      `${alternatives.length} ${alternatives.length === 1 ? 'statement' : 'statements'} that the model wrote`,
    ),
    h(
      'ol',
      { class: 'alternatives' },
      ...alternatives.map(({ sql, confidence, errors }) => {
        const [fault] = errors;
        return h(
          'li',
          { class: fault ? 'refused' : 'passed' },
          h(
            'div',
            { class: 'row' },
            confidence &&
              h('meter', { min: 0, max: 1, value: confidence.whole, 'aria-label': 'Probability' }),
            confidence && h('span', { class: 'number' }, percent(confidence.whole)),
            h('span', { class: 'grow' }),
            h(
              'span',
              { class: `badge ${fault ? 'bad' : 'good'}` },
              sql === maskedStatement ? 'chosen' : fault ? fault.code : 'passed',
            ),
          ),
          h('pre', { tabindex: '0', 'aria-label': 'Alternative' }, coloured(inLines(sql))),
          fault && h('p', { class: 'small' }, ...withPlaceholders(sentence(fault.message))),
        );
      }),
    ),
  );
}

/**
 * @param {string} question
 * @param {string} statement
 * @param {string} schema
 * @param {boolean} isKept
 */
function feedbackView(question, statement, schema, isKept) {
  if (!isKept) return null;
  const said = h('span', { role: 'status', class: 'quiet' });
  const corrected = h('textarea', { id: 'corrected', rows: 5, spellcheck: 'false' });
  corrected.value = inLines(statement);
  const form = h(
    'form',
    { class: 'correction', hidden: true, submit: onSubmit, keydown: onKey },
    h('label', { for: 'corrected' }, 'Correct the statement if you can. Unchanged, it is kept as wrong.'),
    corrected,
    h(
      'div',
      { class: 'row' },
      h('button', { class: 'primary' }, 'Send'),
      h('button', { type: 'button', click: close }, 'Cancel'),
    ),
  );
  const up = h(
    'button',
    { type: 'button', 'aria-pressed': 'false', click: () => void send('up') },
    thumb('up'),
    'Right',
  );
  const down = h(
    'button',
    { type: 'button', 'aria-pressed': 'false', 'aria-expanded': 'false', click: open },
    thumb('down'),
    'Wrong',
  );

  function open() {
    form.hidden = !form.hidden;
    down.setAttribute('aria-expanded', String(!form.hidden));
    if (!form.hidden) corrected.focus();
  }
  function close() {
    form.hidden = true;
    down.setAttribute('aria-expanded', 'false');
    down.focus();
  }
  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    close();
  }
  /** @param {SubmitEvent} event */
  function onSubmit(event) {
    event.preventDefault();
    const text = corrected.value.trim();
    void send('down', text === '' || text === inLines(statement).trim() ? undefined : text);
  }
  /**
   * @param {'up' | 'down'} verdict
   * @param {string} [correction]
   */
  async function send(verdict, correction) {
    try {
      const { kept } = await sendFeedback({ question, statement, verdict, corrected: correction, schema });
      up.setAttribute('aria-pressed', String(verdict === 'up'));
      down.setAttribute('aria-pressed', String(verdict === 'down'));
      said.textContent =
        kept === 'pair' ? 'Kept on the server, for training.' : 'Kept on the server as wrong.';
      if (!form.hidden) close();
    } catch (error) {
      said.textContent = `Not kept: ${/** @type {Error} */ (error).message}`;
    }
  }
  return h('div', { class: 'feedback' }, h('div', { class: 'row' }, 'Is this right?', up, down, said), form);
}

/** @param {AnswerBody['timings']} timings */
function timesOf({ queue, decode, total }) {
  const waited = queue >= 10 ? `, ${seconds(queue)} of it in the queue` : '';
  const wrote = decode > 0 ? `; the model wrote for ${seconds(decode)}` : '';
  return `${seconds(total)}${waited}${wrote}.`;
}

/** @param {number} ms */
function seconds(ms) {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** @param {number} share */
function percent(share) {
  return share > 0.99 ? 'over 99%' : `${(100 * share).toFixed(0)}%`;
}

/** @param {'up' | 'down'} way */
function thumb(way) {
  const hand = svg('path', {
    d: 'M7 10l4-7c1.6 0 2.4 1 2.2 2.5L12.6 9H19a1.8 1.8 0 0 1 1.8 2.2l-1.5 7A2.2 2.2 0 0 1 17.1 20H7zM7 10H3.2v10H7',
  });
  return svg('svg', { class: `thumb ${way}`, viewBox: '0 0 24 24', 'aria-hidden': 'true' }, hand);
}

/** A message with a capital and a full stop. @param {string} text */
export function sentence(text) {
  const first = text.startsWith('__') ? text : text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
