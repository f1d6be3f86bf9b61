/** A set of tables of one catalog; the same tables are the same object. */
export class TableSet {
  readonly #has: boolean[];
  readonly #nearest: (number | undefined)[] = [];

  /**
   * @param list numbers of the tables, ascending
   * @param id tells the sets of a catalog apart
   * @param distance how many joins lead from a table to another; see Catalog
   */
  constructor(
    readonly list: readonly number[],
    readonly id: number,
    private readonly distance: (from: number, to: number) => number,
  ) {
    this.#has = [];
    for (const table of list) this.#has[table] = true;
  }

  has(table: number): boolean {
    return this.#has[table] === true;
  }

  /** How many joins lead from a table to the nearest of these; Infinity if none can be reached. */
  distanceFrom(table: number): number {
    let nearest = this.#nearest[table];
    if (nearest === undefined) {
      nearest = Infinity;
      for (const to of this.list) nearest = Math.min(nearest, this.distance(table, to));
      this.#nearest[table] = nearest;
    }
    return nearest;
  }
}
