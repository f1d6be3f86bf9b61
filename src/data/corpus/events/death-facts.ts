import type { SampleDraw } from '../draw.js';
import { say } from '../question/phrase.js';
import { type QueryExpression, column } from '../statement/program.js';
import type { Fact } from './fact.js';
import type { EventModel, EventTable } from './model.js';
import { isNull } from './query.js';
import { drawTime } from './times.js';

const DEAD = ['dead', 'deceased', 'dead', 'deceased'];
const ALIVE = ['living', 'living', 'surviving'];
const DIED = ['died', 'are dead', 'have died', 'are deceased', 'passed away'];
const LIVE = ['are alive', 'are still alive', 'are still living', 'are not deceased'];

/** Whether patients are dead, or when they died: by the date of death, or by the table of deaths. */
export function deathFact(draw: SampleDraw, model: EventModel): Fact | undefined {
  const death = model.patient?.death;
  if (death === undefined) {
    return model.deaths === undefined ? undefined : factOfTable(draw, model.deaths);
  }
  const { random } = draw;
  const of = (at: number): QueryExpression => column(at, death.name);
  if (random.chance(0.35)) {
    const time = drawTime(draw, death);
    return {
      of: undefined,
      topic: 'death',
      isWithout: false,
      isDated: true,
      verb: say`${random.pick(['died', 'died', 'passed away'])}${time.words}`,
      predicates: (_, at) => time.predicates(of(at)),
    };
  }
  const isDead = random.chance(0.5);
  return {
    of: undefined,
    topic: 'death',
    isWithout: false,
    adjective: [random.pick(isDead ? DEAD : ALIVE)],
    verb: [random.pick(isDead ? DIED : LIVE)],
    predicates: (_, at) => [isNull(of(at), isDead)],
  };
}

/** The dead have a row in the table of deaths. */
function factOfTable(draw: SampleDraw, deaths: EventTable): Fact {
  const { random } = draw;
  const isDead = random.chance(0.5);
  const time =
    isDead && deaths.time !== undefined && random.chance(0.4) ? drawTime(draw, deaths.time) : undefined;
  return {
    of: deaths,
    topic: 'death',
    isWithout: !isDead,
    isDated: time !== undefined,
    adjective: time === undefined ? [random.pick(isDead ? DEAD : ALIVE)] : undefined,
    verb:
      time === undefined
        ? [random.pick(isDead ? DIED : LIVE)]
        : say`${random.pick(['died', 'died', 'passed away'])}${time.words}`,
    predicates: (_, at) => time?.predicates(column(at, deaths.time!.name)) ?? [],
  };
}
