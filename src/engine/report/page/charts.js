/* global uPlot */
'use strict';

/** What each chart draws: columns beside a column of steps, from `curves` (see curves.ts). */
const CHARTS = [
  {
    title: 'Loss',
    mayBeLogarithmic: true,
    lines: ['each step', 'smoothed', 'validation'],
    colours: ['--faint', '--first', '--second'],
    table: ({ steps, validations }) =>
      uPlot.join([
        [steps.step, steps.loss, steps.smoothedLoss],
        [validations.map(({ step }) => step), validations.map(({ loss }) => loss ?? null)],
      ]),
  },
  {
    title: 'Right answers',
    lines: ['share of the sampled questions'],
    range: [0, 1],
    isSparse: true,
    format: (value) => `${(100 * value).toFixed(0)}%`,
    table: ({ validations }) => {
      const judged = validations.filter(({ asked }) => asked > 0);
      return [judged.map(({ step }) => step), judged.map(({ right, asked }) => right / asked)];
    },
  },
  {
    title: 'Learning rate',
    lines: ['learning rate'],
    format: (value) => (value === 0 ? '0' : value.toExponential(1)),
    table: ({ steps }) => [steps.step, steps.learningRate],
  },
  {
    title: 'Gradient norm',
    lines: ['before clipping'],
    table: ({ steps }) => [steps.step, steps.gradNorm],
  },
  {
    title: 'Loss scale',
    lines: ['powers of two'],
    format: (value) => `2^${Number(value.toFixed(1))}`,
    table: ({ steps }) => [
      steps.step,
      steps.lossScale.map((scale) => (scale === null ? null : Math.log2(scale))),
    ],
  },
  {
    title: 'Tokens a second',
    lines: ['all', 'learned'],
    colours: ['--first', '--second'],
    table: ({ clock }) => [clock.step, clock.tokensPerSecond, clock.learnedPerSecond],
  },
];

const HEIGHT = 240;

/** A number in about four characters. */
function brief(value) {
  const size = Math.abs(value);
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  if (size !== 0 && size < 1e-3) return value.toExponential(1);
  return String(Number(value.toPrecision(4)));
}

/** Draws the charts into `parent`, and draws them again when data, width, colours or scale change. */
// eslint-disable-next-line @typescript-eslint/no-unused-vars -- run.js uses it
class Charts {
  #parent;
  #shown = new Map();
  #curves;
  #logarithmic = false;

  constructor(parent) {
    this.#parent = parent;
    new ResizeObserver(() => {
      for (const { figure, plot } of this.#shown.values())
        plot.setSize({ width: figure.clientWidth, height: HEIGHT });
    }).observe(parent);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#again());
  }

  set logarithmic(value) {
    this.#logarithmic = value;
    this.#again();
  }

  draw(curves) {
    this.#curves = curves;
    for (const chart of CHARTS) {
      const data = chart.table(curves);
      const isEmpty = data.slice(1).every((column) => column.every((value) => value == null));
      const shown = this.#shown.get(chart);
      if (shown) {
        // A part that the reader has chosen stays in view.
        shown.plot.setData(data, !shown.isChosen);
        if (shown.isChosen) shown.plot.redraw();
      } else if (!isEmpty) this.#add(chart, data);
    }
  }

  #again() {
    for (const { plot } of this.#shown.values()) plot.destroy();
    for (const { figure } of this.#shown.values()) figure.remove();
    this.#shown.clear();
    if (this.#curves) this.draw(this.#curves);
  }

  #add(chart, data) {
    const figure = document.createElement('figure');
    const caption = document.createElement('figcaption');
    caption.textContent = chart.title;
    figure.append(caption);
    // Charts that come later stand where CHARTS has them.
    const after = CHARTS.slice(CHARTS.indexOf(chart) + 1).find((other) => this.#shown.has(other));
    this.#parent.insertBefore(figure, after ? this.#shown.get(after).figure : null);
    const shown = { figure, isChosen: false, plot: undefined };
    this.#shown.set(chart, shown);
    shown.plot = new uPlot(this.#options(chart, shown), data, figure);
  }

  #options({ lines, colours = ['--first'], format = brief, range, isSparse, mayBeLogarithmic }, shown) {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const axis = {
      stroke: colour('--text'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
    };
    const isLogarithmic = mayBeLogarithmic && this.#logarithmic;
    return {
      width: shown.figure.clientWidth,
      height: HEIGHT,
      scales: { x: { time: false }, y: { distr: isLogarithmic ? 3 : 1, ...(range && { range }) } },
      axes: [
        {
          ...axis,
          size: 32,
          values: (_, ticks) => ticks.map((step) => (Number.isInteger(step) ? brief(step) : '')),
        },
        { ...axis, size: 56, values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : format(tick))) },
      ],
      series: [
        { label: 'step' },
        ...lines.map((label, i) => ({
          label,
          stroke: colour(colours[i]),
          width: colours[i] === '--faint' ? 1 : 2,
          points: label === 'validation' || isSparse ? { show: true, size: 5 } : { show: false },
          value: (_, value) => (value == null ? '–' : format(value)),
        })),
      ],
      cursor: { sync: { key: 'run', scales: ['x', null] } },
      hooks: {
        setSelect: [({ select }) => (shown.isChosen ||= select.width > 0)],
        ready: [({ over }) => over.addEventListener('dblclick', () => (shown.isChosen = false))],
      },
    };
  }
}
