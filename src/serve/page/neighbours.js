/** Which tables of a large schema to show. */

/** @typedef {import('./api.js').SchemaTable} SchemaTable */
/** A foreign key between two tables, by their names in lower case. @typedef {{from: string, to: string}} Link */

/**
 * Each pair of tables once; a table that points to itself is left out, and so is a key to a table that is not there.
 * @param {readonly SchemaTable[]} tables
 * @returns {Link[]}
 */
export function linksOf(tables) {
  const names = new Set(tables.map(({ name }) => name.toLowerCase()));
  const seen = new Set();
  return tables
    .flatMap(({ name, foreignKeys }) =>
      foreignKeys.map(({ references }) => ({
        from: name.toLowerCase(),
        to: references.table.toLowerCase(),
      })),
    )
    .filter(({ from, to }) => {
      const both = `${from} ${to}`;
      if (from === to || !names.has(to) || seen.has(both)) return false;
      seen.add(both);
      return true;
    });
}

/** How many others point to each table. @param {readonly Link[]} links */
function pointedTo(links) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { to } of links) counts.set(to, (counts.get(to) ?? 0) + 1);
  return (/** @type {string} */ name) => counts.get(name.toLowerCase()) ?? 0;
}

/**
 * The tables that most others point to, in the order of the schema.
 * @param {readonly SchemaTable[]} tables
 * @param {readonly Link[]} links
 * @param {number} most
 */
export function mostPointedTo(tables, links, most) {
  const count = pointedTo(links);
  const first = new Set([...tables].sort((a, b) => count(b.name) - count(a.name)).slice(0, most));
  return tables.filter((table) => first.has(table));
}

/**
 * Tables with those that they point to and those that point to them, in the order of the schema. What they point to comes
 * first: it is little, and without it a table says nothing.
 * @param {readonly SchemaTable[]} tables
 * @param {readonly Link[]} links
 * @param {readonly string[]} names in lower case
 * @param {number} most neighbours
 * @returns {{tables: SchemaTable[], neighbours: number}} `neighbours`: how many there are, with those that are left out
 */
export function withNeighbours(tables, links, names, most) {
  const own = new Set(names);
  const count = pointedTo(links);
  const byCount = (/** @type {string} */ a, /** @type {string} */ b) => count(b) - count(a);
  const targets = links.filter(({ from }) => own.has(from)).map(({ to }) => to);
  const sources = links.filter(({ to }) => own.has(to)).map(({ from }) => from);
  const others = new Set(
    [...targets.sort(byCount), ...sources.sort(byCount)].filter((name) => !own.has(name)),
  );
  const shown = new Set([...own, ...[...others].slice(0, most)]);
  return {
    tables: tables.filter(({ name }) => shown.has(name.toLowerCase())),
    neighbours: others.size,
  };
}
