/* global Charts */
'use strict';

const byId = (id) => document.getElementById(id);

/** An element with its children, which are elements and texts. */
function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function duration(seconds) {
  const minutes = Math.round(seconds / 60);
  if (seconds < 60) return `${Math.round(seconds)} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const count = (value) => value.toLocaleString('en');
const bytes = (value) =>
  value >= 2 ** 30 ? `${(value / 2 ** 30).toFixed(1)} GiB` : `${(value / 2 ** 20).toFixed(0)} MiB`;
const lastOf = (column) => column.findLast((value) => value !== null);

function figuresOf({ settings, best, progress, secondsSpent, savingShare, curves }, isLive) {
  const { steps, validations, totals } = curves;
  const measured = validations.findLast(({ loss }) => loss !== undefined);
  const judged = validations.findLast(({ asked }) => asked > 0);
  const planned = settings.seconds === undefined ? settings.steps : undefined;
  const fixed = (value) => value?.toFixed(4);
  return {
    step: count(totals.step) + (planned === undefined ? '' : ` of ${count(planned)}`),
    'smoothed loss': fixed(lastOf(steps.smoothedLoss)),
    'validation loss': measured && `${fixed(measured.loss)} at ${count(measured.step)}`,
    'answers right': judged && `${judged.right} of ${judged.asked} at ${count(judged.step)}`,
    'best weights': best && `step ${count(best.step)}`,
    'tokens a second': progress && count(Math.round(progress.tokensPerSecond)),
    MFU: progress?.utilisation && `${(100 * progress.utilisation).toFixed(1)}%`,
    'memory at most': progress && progress.peakMemoryBytes > 0 ? bytes(progress.peakMemoryBytes) : undefined,
    tokens: count(totals.tokens),
    'learned tokens': count(totals.learned),
    'skipped steps': totals.skipped > 0 ? count(totals.skipped) : undefined,
    'time spent': secondsSpent === undefined ? undefined : duration(secondsSpent),
    'waiting for checkpoints':
      savingShare === undefined ? undefined : `${(100 * savingShare).toFixed(1)}% of it`,
    'time left': isLive && progress ? duration(progress.secondsLeft) : undefined,
  };
}

function showFigures(view, isLive) {
  const known = Object.entries(figuresOf(view, isLive)).filter(([, value]) => value !== undefined);
  byId('figures').replaceChildren(
    ...known.map(([name, value]) => element('div', '', element('dt', '', name), element('dd', '', value))),
  );
}

function answer({ question, answer: sql, verdict = '', right }) {
  const sign = right === undefined ? '' : right ? '✓ ' : '✗ ';
  const of = right === undefined ? 'verdict' : right ? 'verdict right' : 'verdict wrong';
  const parts = [element('p', 'question', question)];
  if (sql !== undefined) parts.push(element('pre', '', sql));
  if (verdict !== '') parts.push(element('p', of, sign + verdict));
  return element('article', '', ...parts);
}

function evaluation({ step, loss, right, asked, best, samples = [] }) {
  const parts = [`step ${count(step)}`];
  if (loss !== undefined && loss !== null) parts.push(`validation loss ${loss.toFixed(4)}`);
  if (asked > 0) parts.push(`${right} of ${asked} right`);
  if (best) parts.push('best so far');
  const all = element('details', '', element('summary', '', parts.join(' · ')), ...samples.map(answer));
  all.dataset.step = step;
  return all;
}

/** Newest first. What a reader has opened stays open. */
function showAnswers({ curves }) {
  const parent = byId('answers');
  const shown = new Set(curves.validations.map(({ step }) => String(step)));
  for (const old of [...parent.children]) if (!shown.has(old.dataset.step)) old.remove();
  const known = new Set([...parent.children].map((old) => old.dataset.step));
  for (const one of curves.validations) if (!known.has(String(one.step))) parent.prepend(evaluation(one));
  if (parent.children.length === 0) parent.append(element('p', 'none', 'No validation.'));
  else if (known.size === 0) parent.firstElementChild.open = true;
}

function table(title, rows) {
  const lines = rows.map((cells) => element('tr', '', ...cells.map((cell) => element('td', '', cell))));
  const body = lines.length > 0 ? element('table', '', ...lines) : element('p', 'none', 'Not recorded.');
  return element('section', '', element('h3', '', title), element('div', 'wide', body));
}

function showFacts({ model, settings, sessions, curves }) {
  const shown = (value) =>
    typeof value === 'number'
      ? value.toLocaleString('en', { maximumSignificantDigits: 6 })
      : JSON.stringify(value);
  const rows = (facts) => Object.entries(facts).map(([name, value]) => [name, shown(value)]);
  const started = sessions.map(({ time, resumedFrom, adapter, kernels, commit, node }) => [
    time.replace('T', ' ').slice(0, 16),
    resumedFrom === 0 ? 'started' : `from step ${count(resumedFrom)}`,
    `${adapter}; kernels ${kernels}`,
    `commit ${commit}; Node ${node}`,
  ]);
  byId('facts').replaceChildren(
    table('Sessions (UTC)', started),
    table('Model', rows(model)),
    table('Settings', rows(settings)),
  );
  const { stepsPerPoint } = curves;
  if (stepsPerPoint > 1)
    byId('facts').append(
      element('p', 'none', `A point stands for ${stepsPerPoint} steps: mean loss, highest gradient norm.`),
    );
}

const charts = new Charts(byId('charts'));
byId('logarithmic').addEventListener('change', ({ target }) => (charts.logarithmic = target.checked));
let view = JSON.parse(byId('run').textContent);

function showAll(isLive) {
  document.title = view.name;
  document.querySelector('h1').textContent = view.name;
  showFacts(view);
  showNew(isLive);
}

function showNew(isLive) {
  showFigures(view, isLive);
  charts.draw(view.curves);
  showAnswers(view);
}

/** Adds what the server tells of new steps to the curves. */
function append({ reports, totals, progress, secondsSpent }) {
  const { steps, clock } = view.curves;
  const drop = (columns, from) => {
    while (columns.step.length > 0 && columns.step.at(-1) >= from)
      for (const column of Object.values(columns)) column.pop();
  };
  for (const report of reports) {
    drop(steps, report.step);
    for (const [name, column] of Object.entries(steps)) column.push(report[name] ?? null);
    view.curves.validations = view.curves.validations.filter(({ step }) => step < report.step);
    if (report.validation) view.curves.validations.push({ step: report.step, ...report.validation });
    if (report.validation?.best) view.best = { step: report.step };
  }
  drop(clock, progress.step);
  for (const [name, column] of Object.entries(clock)) column.push(progress[name] ?? null);
  view.curves.totals = totals;
  const savingShare =
    progress.sessionSeconds > 0 ? progress.savingSeconds / progress.sessionSeconds : undefined;
  Object.assign(view, { progress, secondsSpent, savingShare });
}

function listen() {
  const state = byId('state');
  state.textContent = 'waiting for the training to begin';
  const source = new EventSource('/events');
  source.addEventListener('run', ({ data }) => {
    view = JSON.parse(data);
    state.textContent = view.curves.totals.step === 0 ? 'compiling kernels' : 'training';
    showAll(true);
  });
  source.addEventListener('steps', ({ data }) => {
    append(JSON.parse(data));
    state.textContent = 'training';
    showNew(true);
  });
  source.addEventListener('end', () => {
    source.close();
    state.textContent = 'training has ended; engine report keeps this page as a file';
    if (view) showFigures(view, false);
  });
  source.addEventListener('error', () => (state.textContent = 'no connection to the training; trying again'));
}

if (view) showAll(false);
else listen();
