import { join } from 'node:path';
import { MissingPackageError } from '../../base/optional-package.js';
import { TOKENIZER_FILE } from '../../data/corpus/files.js';
import type { CorpusKnobs } from '../../data/corpus/knobs.js';
import { SampleSource } from '../../data/corpus/sample.js';
import { formatOfCorpus } from '../../data/record-format.js';
import type { SchemaBundle } from '../../data/schema/bundle.js';
import { SchemaIndex } from '../../data/schema/schema-index.js';
import { readPart } from '../../data/shards/origins.js';
import { readShardIndex } from '../../data/shards/reader.js';
import { Tokenizer } from '../../data/tokenizer/tokenizer.js';
import { validationQuestions } from '../../data/validation-records.js';
import type { Decoder } from '../../engine/nn/decoder.js';
import type { AskedSample } from '../../engine/train/validation.js';
import { ValidationError } from '../../tsql/errors.js';
import { parse } from '../../tsql/parser.js';
import { DecoderModel } from '../decoder-model.js';
import { openAgent, type Agent } from '../open-agent.js';
import { canonicalParts, canonicalText } from './canonical.js';
import { evaluate, type Evaluated } from './evaluate.js';
import { Judge, type StatementJudgement } from './judge.js';
import { questionOf, type SetQuestion } from './question-set.js';

/** A few held-out questions of a corpus, to be asked again and again while a model trains. */
export class TrainingQuestions {
  /** Kept between validations: decode sessions and grammars take long to make. */
  #model: DecoderModel | undefined;
  #judge: Pick<Judge, 'judge'> | undefined;
  #embedded: Judge | undefined;
  readonly #agents = new Map<SchemaIndex, Promise<Agent>>();

  private constructor(
    private readonly questions: readonly SetQuestion[],
    private readonly tokenizer: Tokenizer,
    private readonly format: ReturnType<typeof formatOfCorpus>,
  ) {}

  /**
   * The first questions of the corpus's validation set; undefined if it has none.
   * @throws DataError as `readShardIndex`, and `corpus-damaged`
   */
  static async open(corpus: string, count: number): Promise<TrainingQuestions | undefined> {
    const { index } = await readShardIndex(corpus);
    const asked = await validationQuestions(corpus, { index }, count);
    if (asked.length === 0 || index.schemas === undefined) return undefined;
    const bundles = (await readPart(corpus, index.schemas)).toString('utf8').trim().split('\n');
    const { knobs } = index.config as unknown as { knobs: CorpusKnobs };
    const indexes = bundles.map((line) => new SchemaIndex(JSON.parse(line) as SchemaBundle));
    const source = new SampleSource(indexes, knobs);
    const questions = asked.map((sample, i) => questionOf(sample, source, `validation-${i + 1}`));
    const tokenizer = await Tokenizer.load(join(corpus, TOKENIZER_FILE));
    return new TrainingQuestions(questions, tokenizer, formatOfCorpus(index.config, corpus));
  }

  /** Asks the decoder, as `engine generate --candidates 1` would, and judges what it writes. */
  readonly ask = async (decoder: Decoder, step: number): Promise<AskedSample[]> => {
    const model = (this.#model ??= new DecoderModel(this.tokenizer, decoder, {}, step, [], this.format));
    const judge = (this.#judge ??= await this.#startJudge());
    const results = await evaluate(
      this.questions,
      async ({ question, index }) => (await this.#agentFor(index, model)).ask(question),
      judge,
    );
    return results.map((result) => ({
      question: result.question,
      answer: result.found,
      verdict: verdictOf(result),
      right: result.outcome === 'right',
    }));
  };

  /** Frees what asking has taken, except the decoder. */
  async close(): Promise<void> {
    await this.#embedded?.close();
  }

  #agentFor(index: SchemaIndex, model: DecoderModel): Promise<Agent> {
    let agent = this.#agents.get(index);
    if (!agent) {
      agent = openAgent({ schema: index, model, candidates: 1, refuse: false, minConfidence: 0 });
      this.#agents.set(index, agent);
    }
    return agent;
  }

  async #startJudge(): Promise<Pick<Judge, 'judge'>> {
    try {
      return (this.#embedded = await Judge.start());
    } catch (error) {
      if (!(error instanceof MissingPackageError)) throw error;
      return byText;
    }
  }
}

/** Without the embedded database only the expected statement itself is right, apart from spelling, aliases and order. */
const byText: Pick<Judge, 'judge'> = {
  judge(expected, found, index): Promise<StatementJudgement> {
    let exact = false;
    try {
      const [wanted, given] = [expected, found].map((sql) =>
        canonicalText(canonicalParts(parse(sql), index)),
      );
      exact = wanted === given;
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
    }
    return Promise.resolve({ exact, right: exact, decidedBy: 0 });
  },
};

const verdictOf = ({ outcome, exact, reason }: Evaluated): string => {
  if (outcome === 'right') return exact ? 'right: the expected statement' : 'right: the same result';
  return reason === undefined ? outcome : `${outcome}: ${reason}`;
};
