import { STATISTICS } from '../statistics.js';
import { valuePhrase } from '../../question/phrase.js';
import { type AggregateName, aggregateOf, column, compare } from '../../statement/program.js';
import type { EventAsk, Frames } from '../ask.js';
import { drawPatient } from '../one-patient.js';
import { drawEvent } from '../plan.js';
import { EventQuery } from '../query.js';
import { use } from '../times.js';
import { drawName } from '../values.js';

// Questions about what things cost.

/** What something costs: every price, or the average, lowest, highest, total one. */
export const costOf: EventAsk = {
  name: 'costOf',
  weight: 2,
  compose(asking) {
    const { draw, model } = asking;
    const { random } = draw;
    const event = drawEvent(
      asking,
      ({ money, label, leads }) => money !== undefined && label !== undefined && leads,
    );
    if (event?.label === undefined) return undefined;
    const query = new EventQuery(model, event.table.name);
    const money = column(0, event.money!.name);
    const name = drawName(draw, model, event.label, event.kind.make);
    query.filter(compare(query.column(event.label, 0), '=', use(name)));
    const x = valuePhrase(name);
    const kind = random.pick(['each', 'statistic', 'patient'] as const);
    if (kind === 'each') {
      query.program.distinct = true;
      query.program.select.push(money);
      return { program: query.program, variant: kind, slots: { x }, frames: COST };
    }
    if (kind === 'patient') {
      const patient = drawPatient(asking, event);
      if (patient === undefined) return undefined;
      patient.filter(query, query.patientKey(event, 0));
      query.program.select.push(aggregateOf('SUM', money));
      return {
        program: query.program,
        variant: kind,
        slots: { x, p: patient.p, s: patient.s },
        frames: COST_OF_PATIENT,
      };
    }
    const [statisticName, words] = random.pick([
      ...STATISTICS,
      ['SUM', ['total']] as [AggregateName, string[]],
    ]);
    query.program.select.push(aggregateOf(statisticName, money));
    return {
      program: query.program,
      variant: kind,
      slots: { x, word: random.pick(words) },
      frames: COST_STATISTIC,
    };
  },
};

const COST: Frames = {
  question: ['How much does {x} cost?', 'How much is {x}?', "(What is|What's) the (cost|price) of {x}?", 'What does {x} cost?', '(Can|Could) you tell me how much {x} costs?', 'What do we charge for {x}?', 'Do you know the (cost|price) of {x}?'],
  imperative: ['(Show|Give|Tell) me the (cost|price) of {x}.', 'Find out how much {x} costs.', 'Look up the (cost|price) of {x}.', 'I need the cost of {x}.'],
  telegraphic: ['(cost|price) of {x}', '{x} (cost|price)', 'how much is {x}'],
}; // prettier-ignore
const COST_OF_PATIENT: Frames = {
  question: ['How much did {p} pay for {x} in total?', 'What was the total cost of {x} for {p}?', 'What did {s} {x} cost in total?', '(Can|Could) you tell me the total cost of {s} {x}?'],
  imperative: ['(Show|Give|Tell) me the total cost of {x} for {p}.', 'Add up what {x} cost for {p}.', 'Calculate the total cost of {s} {x}.'],
  telegraphic: ['total cost of {x} for {p}', '{s} total cost of {x}'],
}; // prettier-ignore
const COST_STATISTIC: Frames = {
  question: ["(What is|What's|What was) the {word} (cost|price) of {x}?", '(Can|Could) you tell me the {word} cost of {x}?', 'What does {x} cost at the {word}?', 'Do you know the {word} cost of {x}?'].filter((frame) => !frame.includes('at the')),
  imperative: ['(Show|Give|Tell) me the {word} (cost|price) of {x}.', '(Calculate|Find) the {word} cost of {x}.'],
  telegraphic: ['{word} (cost|price) of {x}', '{word} cost for {x}'],
}; // prettier-ignore
