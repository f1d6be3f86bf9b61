import { foldedWords, singularOf } from '../../../data/values/fold.js';

/** A coded value of a column. */
export interface CodeMeaning {
  /** `table.column` */
  column: string;
  value: string;
}

interface Node {
  next: Map<string, Node>;
  codes: CodeMeaning[];
}

/** Words for coded values, by word: the longest phrase that starts at a word is found in one walk. */
export class CodeTree {
  readonly #root: Node = { next: new Map(), codes: [] };

  /** The first word of every phrase, in the singular. */
  firstWords(): Iterable<string> {
    return this.#root.next.keys();
  }

  /** Adds what people call a value: `emergency room visit`. */
  add(phrase: string, column: string, value: string): void {
    let node = this.#root;
    const words = foldedWords(phrase).map(singularOf);
    if (words.length === 0) return;
    for (const word of words) {
      let next = node.next.get(word);
      if (next === undefined) node.next.set(word, (next = { next: new Map(), codes: [] }));
      node = next;
    }
    if (!node.codes.some((code) => code.column === column)) node.codes.push({ column, value });
  }

  /**
   * The longest phrase that starts at word `from`.
   * @param words the lower-case word at a place; undefined ends the phrase
   */
  longest(
    from: number,
    words: { codeWord(at: number): string | undefined },
  ): { to: number; codes: readonly CodeMeaning[] } | undefined {
    let best: { to: number; codes: readonly CodeMeaning[] } | undefined;
    let node: Node | undefined = this.#root;
    for (let at = from; ;) {
      const word = words.codeWord(at);
      node = word === undefined ? undefined : node.next.get(singularOf(word));
      if (node === undefined) return best;
      at++;
      if (node.codes.length > 0) best = { to: at, codes: node.codes };
    }
  }
}
