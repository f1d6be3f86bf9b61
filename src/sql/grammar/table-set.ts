/** A set of tables of one catalog; the same tables are the same object. */
export class TableSet {
  readonly #members: ReadonlySet<number>;
  readonly #nearest = new Map<number, number>();

  /**
   * @param list numbers of the tables, ascending
   * @param distance how many joins lead from a table to another; see Catalog
   */
  constructor(
    readonly list: readonly number[],
    readonly key: string,
    private readonly distance: (from: number, to: number) => number,
  ) {
    this.#members = new Set(list);
  }

  has(table: number): boolean {
    return this.#members.has(table);
  }

  /** How many joins lead from a table to the nearest of these; Infinity if none can be reached. */
  distanceFrom(table: number): number {
    let nearest = this.#nearest.get(table);
    if (nearest === undefined) {
      nearest = Infinity;
      for (const to of this.list) nearest = Math.min(nearest, this.distance(table, to));
      this.#nearest.set(table, nearest);
    }
    return nearest;
  }
}
