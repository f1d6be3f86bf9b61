import type { SchemaBundle } from '../../data/schema/bundle.js';
import type { ValueLookup } from '../../data/values/longest.js';
import type { DecoderModel } from '../decoder-model.js';
import { openAgent, type Agent } from '../open-agent.js';
import { evaluate, type EvaluateOptions, type Evaluated } from './evaluate.js';
import type { Judge } from './judge.js';
import type { SetQuestion } from './question-set.js';

export interface RunOptions extends EvaluateOptions {
  /** Statements that the model writes for a question (default 1). */
  candidates?: number | undefined;
  /** Whether the grammar restricts the model (default true). */
  constrain?: boolean | undefined;
  /** Whether questions that the schema cannot answer are refused (default true). */
  refuse?: boolean | undefined;
  /** Values of the database behind a schema, if there are any. */
  values?: ((bundle: SchemaBundle) => ValueLookup | undefined) | undefined;
}

/** Asks a model the questions of a set, each over its own schema, and judges the statements. */
export function runSet(
  model: DecoderModel,
  questions: readonly SetQuestion[],
  judge: Judge,
  { candidates = 1, constrain = true, refuse = true, values, ...options }: RunOptions = {},
): Promise<Evaluated[]> {
  const { atOnce } = options;
  const agents = new Map<SetQuestion['index'], Promise<Agent>>();
  const agentFor = (index: SetQuestion['index']): Promise<Agent> => {
    let agent = agents.get(index);
    if (!agent) {
      // A threshold would hide what the model knows; the report shows what each threshold would do.
      const own = { schema: index, values: values?.(index.bundle), atOnce };
      agent = openAgent({ ...own, model, candidates, refuse, constrain, minConfidence: 0 });
      agents.set(index, agent);
    }
    return agent;
  };
  return evaluate(
    questions,
    async ({ question, index }) => (await agentFor(index)).ask(question),
    judge,
    options,
  );
}
