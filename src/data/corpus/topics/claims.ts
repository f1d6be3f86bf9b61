/** Decides who may use a phrase: the lowest rank wins, and on a tie nobody does. */
export class Claims<T> {
  private readonly best = new Map<string, { owner: T | undefined; rank: number }>();
  private readonly byOwner = new Map<T, { phrase: string; rank: number }[]>();

  claim(phrase: string, owner: T, rank: number): void {
    const list = this.byOwner.get(owner) ?? [];
    this.byOwner.set(owner, list);
    if (list.some((entry) => entry.phrase === phrase)) return;
    list.push({ phrase, rank });
    const current = this.best.get(phrase);
    if (current === undefined || rank < current.rank) this.best.set(phrase, { owner, rank });
    else if (rank === current.rank && current.owner !== owner) current.owner = undefined;
  }

  /** The phrases that belong to this owner alone, by rank. */
  of(owner: T): string[] {
    return (this.byOwner.get(owner) ?? [])
      .filter(({ phrase }) => this.best.get(phrase)?.owner === owner)
      .sort((a, b) => a.rank - b.rank)
      .map(({ phrase }) => phrase);
  }
}
