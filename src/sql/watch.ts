import { namesOf } from '../data/schema/names.js';
import type { SchemaIndex } from '../data/schema/schema-index.js';
import type { BranchingMask } from '../engine/decode/beam.js';
import type { LanguageModel } from './language-model.js';
import type { AnswerStage } from './stopwatch.js';

/** Follows an answer while it is made. */
export interface AnswerWatch {
  /** Ends the work before the next token; the answer is then rejected with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Called as each stage begins. */
  onStage?: ((stage: AnswerStage) => void) | undefined;
  /**
   * Called after each token of the first statement that the model writes, with what it has written so far, as SQL with
   * placeholders. Another candidate, or none, may become the answer.
   */
  onDraft?: ((sql: string) => void) | undefined;
}

/** A mask that tells `watch` of the tokens of its first copy, and throws once its signal is aborted. */
export function watchMask(
  mask: BranchingMask,
  { signal, onDraft }: AnswerWatch,
  { model, index }: { model: Pick<LanguageModel, 'tokenizer' | 'format'>; index: SchemaIndex },
): BranchingMask {
  if (signal === undefined && onDraft === undefined) return mask;
  const names = namesOf(index, model.format?.names ?? 'identifiers');
  let isFirst = true;
  const watched = (inner: BranchingMask, draft: number[] | undefined): BranchingMask => ({
    allowed() {
      signal?.throwIfAborted();
      return inner.allowed();
    },
    advance(token) {
      inner.advance(token);
      draft?.push(token);
      if (draft) onDraft?.(names.toSql(model.tokenizer.decode(draft).trim()));
    },
    forced: () => inner.forced?.() ?? [],
    fork() {
      const copy = watched(inner.fork(), isFirst && onDraft ? [] : undefined);
      isFirst = false;
      return copy;
    },
  });
  return watched(mask, undefined);
}
