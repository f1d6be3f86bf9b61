import type { Phrase } from '../../question/phrase.js';
import type { EventAsk, Frames } from '../ask.js';
import { type People, countOf, drawFacts, drawPatientFact, placeFacts, sayPeople } from '../plan.js';
import { EventQuery } from '../query.js';

// Questions about how many patients there are, and which.

const COUNT_VERBAL: Frames = {
  question: [
    'How many {np} {vp}?',
    '(Can|Could) you tell me how many {np} {vp}?',
    'How many of the {np} {vp}?',
    'What is the (|total )number of {np} who {vp}?',
    "(What's|What is) the count of {np} who {vp}?",
    'How many {np} are there who {vp}?',
    'How many (different|distinct|unique) {np} {vp}?',
    'How many {np} do we have who {vp}?',
    'Of all {np}, how many {vp}?',
    'Do you know how many {np} {vp}?',
    '(So|Ok,|Hi,) how many {np} {vp}?',
    'Among {np}, how many {vp}?',
  ],
  imperative: [
    '(Count|Please count) the {np} who {vp}.',
    '(Give|Get) me the number of {np} who {vp}.',
    '(Tell|Please tell) me how many {np} {vp}.',
    '(Find|Work out) how many {np} {vp}.',
    'Show (|me )the number of {np} who {vp}.',
    'Calculate the (|total )number of {np} who {vp}.',
    'Let me know how many {np} {vp}.',
    'Return the count of {np} who {vp}.',
    'I (need|want) the number of {np} who {vp}.',
    'Determine how many {np} {vp}.',
    "I'd like to know how many {np} {vp}.",
    'Check how many {np} {vp}.',
  ],
  telegraphic: [
    'number of {np} who {vp}',
    'how many {np} {vp}',
    '{np} who {vp}, count',
    'count of {np} who {vp}',
    'no. of {np} who {vp}',
  ],
};

const COUNT_NOMINAL: Frames = {
  question: [
    'How many {np} are there?',
    'How many {np} do we have?',
    "(What is|What's) the (|total )number of {np}?",
    'How many {np} are there in (total|all)?',
    '(Can|Could) you tell me how many {np} there are?',
    'How many (different|distinct) {np} are there?',
    "(What is|What's) the count of {np}?",
    'Do you know how many {np} there are?',
    'How many {np} are in the (database|data|records)?',
    '(So|Ok,) how many {np} are there?',
  ],
  imperative: [
    '(Count|Please count) (|the |all ){np}.',
    '(Give|Get) me the number of {np}.',
    'Tell me how many {np} there are.',
    'Find (|out )the number of {np}.',
    'Show (|me )the (|total )number of {np}.',
    'Calculate the number of {np}.',
    'Let me know how many {np} there are.',
    'Return the (count|number) of {np}.',
    'I (need|want) the number of {np}.',
    "I'd like to know how many {np} there are.",
    'Work out how many {np} we have.',
    'Provide the count of {np}.',
  ],
  telegraphic: ['number of {np}', 'count of {np}', '{np}, count', 'how many {np}', 'total {np}'],
};

function slotsOf({ np, vp, full }: People): Record<string, Phrase> {
  return { np, full, vp: vp ?? [] };
}

/** SELECT COUNT(DISTINCT patient): how many patients. */
export const countPatients: EventAsk = {
  name: 'countPatients',
  weight: 12,
  compose(asking) {
    const facts = drawFacts(asking);
    const place = facts && placeFacts(asking, facts);
    if (place === undefined) return undefined;
    place.query.program.select.push(countOf(place));
    const people = sayPeople(asking, facts!);
    const isVerbal = people.vp !== undefined;
    return {
      program: place.query.program,
      frames: isVerbal ? COUNT_VERBAL : COUNT_NOMINAL,
      variant: isVerbal ? 'verbal' : 'nominal',
      slots: slotsOf(people),
    };
  },
};

/** SELECT DISTINCT patient: which patients. */
export const listPatients: EventAsk = {
  name: 'listPatients',
  weight: 6,
  compose(asking) {
    const facts = drawFacts(asking);
    const place = facts && placeFacts(asking, facts);
    if (place === undefined) return undefined;
    const { query, key, isMany } = place;
    query.program.distinct = isMany;
    query.program.select.push(key);
    const people = sayPeople(asking, facts!);
    const isVerbal = people.vp !== undefined;
    return {
      program: query.program,
      frames: isVerbal ? LIST_VERBAL : LIST_NOMINAL,
      variant: isVerbal ? 'verbal' : 'nominal',
      slots: slotsOf(people),
    };
  },
};

const LIST_VERBAL: Frames = {
  question: [
    'Which {np} {vp}?',
    'What are the ids of {np} who {vp}?',
    '(Can|Could) you (list|show me) the {np} who {vp}?',
    'Which of the {np} {vp}?',
    'Who are the {np} who {vp}?',
    "(What are|What're) the patient ids of {np} who {vp}?",
    'Could I get the ids of {np} who {vp}?',
    'May I see which {np} {vp}?',
    'Do you know which {np} {vp}?',
  ],
  imperative: [
    '(List|Show|Find|Get) (|all |the ){np} who {vp}.',
    'Give me the (|list of ){np} who {vp}.',
    'Show (|me )the ids of {np} who {vp}.',
    '(Return|Fetch|Retrieve) the {np} who {vp}.',
    'Find (|me )the {np} who {vp}.',
    'Tell me which {np} {vp}.',
    'Identify (|the ){np} who {vp}.',
    'I (need|want) a list of {np} who {vp}.',
    'Please list {np} who {vp}.',
    'Look up the {np} who {vp}.',
    'List the patient ids of {np} who {vp}.',
    'Provide the ids of all {np} who {vp}.',
  ],
  telegraphic: ['{np} who {vp}', 'ids of {np} who {vp}', 'list of {np} who {vp}', 'all {np} who {vp}'],
};

const LIST_NOMINAL: Frames = {
  question: [
    'What are the ids of (|the |all ){np}?',
    '(Can|Could) you list (|the |all ){np}?',
    'Could I get the ids of {np}?',
    'Which {np} do we have?',
    'What are the patient ids of {np}?',
    'Can I see (|the |all ){np}?',
    'Could you show me (|the |all ){np}?',
    'Do you have the ids of {np}?',
    'May I have a list of {np}?',
  ],
  imperative: [
    '(List|Show|Find|Get) (|all |the ){np}.',
    'Give me (|all |a list of ){np}.',
    'Show (|me )the ids of {np}.',
    '(Return|Fetch|Retrieve) (|all |the ){np}.',
    'Identify (|all |the ){np}.',
    'I (need|want) a list of {np}.',
    'Please list {np}.',
    'Look up (all|the) {np}.',
    'Pull up (all|the) {np}.',
    'List the patient ids of {np}.',
    'Provide the ids of {np}.',
    'Search for {np}.',
  ],
  telegraphic: ['{np}', 'ids of {np}', 'list of {np}', 'all {np}'],
};

/** CASE WHEN COUNT(*) > 0: whether there are such patients. */
export const anyPatients: EventAsk = {
  name: 'anyPatients',
  weight: 2,
  compose(asking) {
    const facts = drawFacts(asking, 3);
    const place = facts && placeFacts(asking, facts);
    if (place === undefined) return undefined;
    place.query.program.select.push({ kind: 'anyRow' });
    return {
      program: place.query.program,
      slots: slotsOf(sayPeople(asking, facts!)),
      frames: {
        question: [
          'Are there any {full}?',
          'Do we have (|any ){full}?',
          'Have there been any {full}?',
          'Did we have (|any ){full}?',
          '(Can|Could) you check (if|whether) there are (|any ){full}?',
          'Were there any {full}?',
          'Do you have (|any ){full}?',
          'Can we find any {full}?',
        ],
        imperative: [
          '(Check|Tell me|Find out) (if|whether) there are any {full}.',
          '(Check|Tell me) (if|whether) we have (|any ){full}.',
          'Let me know (if|whether) there are {full}.',
          'See (if|whether) there are any {full}.',
        ],
        telegraphic: ['any {full}?', 'are there any {full}', 'do we have {full}'],
      },
    };
  },
};

/** 100.0 * SUM(CASE …) / NULLIF(COUNT(*), 0): the percentage of patients. */
export const sharePatients: EventAsk = {
  name: 'sharePatients',
  weight: 3,
  compose(asking) {
    const { draw, model } = asking;
    const { patient } = model;
    if (patient === undefined) return undefined;
    const target = drawPatientFact(asking);
    const base = draw.random.chance(0.5) ? drawPatientFact(asking) : undefined;
    if (target === undefined || base?.noun !== undefined) return undefined;
    const topics = [base?.topic, target.topic];
    if (base?.topic === target.topic || (topics.includes('age') && topics.includes('death')))
      return undefined;
    const query = new EventQuery(model, patient.table.name);
    if (base !== undefined) query.filter(...base.predicates(query, 0));
    query.program.select.push({ kind: 'share', predicates: target.predicates(query, 0) });
    const people = sayPeople(asking, base === undefined ? [] : [base], false);
    if (people.vp !== undefined) return undefined;
    return {
      program: query.program,
      slots: { np: people.np, vp: target.verb },
      frames: {
        question: [
          'What (percentage|share|percent) of {np} {vp}?',
          'What is the (percentage|share) of {np} who {vp}?',
          '(Can|Could) you tell me what (percentage|share) of {np} {vp}?',
          "(What's|What is) the percentage of {np} that {vp}?",
          'Of all {np}, what (percentage|percent) {vp}?',
          'What proportion of {np}, in percent, {vp}?',
        ],
        imperative: [
          '(Calculate|Compute|Give me|Show) the (percentage|share) of {np} who {vp}.',
          'Tell me what percentage of {np} {vp}.',
          '(Find|Work out) what (share|percentage) of {np} {vp}.',
          'I need the percentage of {np} who {vp}.',
        ],
        telegraphic: [
          'percentage of {np} who {vp}',
          '% of {np} who {vp}',
          'share of {np} who {vp}, in percent',
        ],
      },
    };
  },
};
