import type { SchemaBundle } from '../../data/schema/bundle.js';
import type { ValueLookup } from '../../data/values/longest.js';
import type { DecoderModel } from '../decoder-model.js';
import { openAgent, type Agent } from '../open-agent.js';
import { evaluate, type AskQuestion, type EvaluateOptions, type Evaluated } from './evaluate.js';
import type { Judge } from './judge.js';
import type { SetQuestion } from './question-set.js';

export interface AgentsOptions {
  /** Statements that the model writes for a question (default 1). */
  candidates?: number | undefined;
  /** Whether the grammar restricts the model (default true). */
  constrain?: boolean | undefined;
  /** Whether questions that the schema cannot answer are refused (default true). */
  refuse?: boolean | undefined;
  /** Values of the database behind a schema, if there are any. */
  values?: ((bundle: SchemaBundle) => ValueLookup | undefined) | undefined;
  /** Questions that are asked at the same time (default 1). */
  atOnce?: number | undefined;
}

export interface RunOptions extends EvaluateOptions, AgentsOptions {}

/** Asks a model the questions of a set, each over its own schema, and judges the statements. */
export function runSet(
  model: DecoderModel,
  questions: readonly SetQuestion[],
  judge: Judge,
  options: RunOptions = {},
): Promise<Evaluated[]> {
  return evaluate(questions, new SetAgents(model, options).ask, judge, options);
}

/** A model on the schemas of a set, each opened when it is first asked. */
export class SetAgents {
  readonly #agents = new Map<SetQuestion['index'], Promise<Agent>>();

  constructor(
    private readonly model: DecoderModel,
    private readonly options: AgentsOptions,
  ) {}

  readonly ask: AskQuestion = async ({ question, index }) => (await this.open(index)).ask(question);

  open(index: SetQuestion['index']): Promise<Agent> {
    let agent = this.#agents.get(index);
    if (!agent) {
      const { candidates = 1, constrain = true, refuse = true, values, atOnce } = this.options;
      // A threshold would hide what the model knows; the report shows what each threshold would do.
      const own = { schema: index, values: values?.(index.bundle), atOnce, minConfidence: 0 };
      agent = openAgent({ ...own, model: this.model, candidates, refuse, constrain });
      this.#agents.set(index, agent);
    }
    return agent;
  }
}

/**
 * As `runSet`, in groups of `atOnce` questions; a group ends before the next one begins. What runs side by side decides
 * which kernels compute it, and so the last digits of a confidence: here an answer depends on its group alone, and not on
 * what was asked before or on how fast anything was.
 */
export async function askInGroups(
  agents: SetAgents,
  questions: readonly SetQuestion[],
  judge: Pick<Judge, 'judge'>,
  { atOnce, onProgress }: { atOnce: number; onProgress?: ((done: number) => void) | undefined },
): Promise<Evaluated[]> {
  const results: Evaluated[] = [];
  for (let at = 0; at < questions.length; at += atOnce) {
    const group = questions.slice(at, at + atOnce);
    // Opening takes a while; who waited for it would come too late for the group's first pass.
    for (const { index } of group) await agents.open(index);
    // What the last group left to do ends before this one begins.
    await new Promise((done) => setImmediate(done));
    const progress = (done: number): void => onProgress?.(at + done);
    results.push(...(await evaluate(group, agents.ask, judge, { atOnce, onProgress: progress })));
  }
  return results;
}
