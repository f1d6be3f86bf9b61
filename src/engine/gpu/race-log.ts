/** What the log, a buffer of u32, holds; the text of `noteFunctions` writes it. */
export const RACE_LOG = {
  /** Word 0 counts the races; then come this many of them, in `RECORD_WORDS` each. */
  records: 16,
  recordWords: 8,
  /** The first word of the shadow. */
  shadow: 1 + 16 * 8,
  /** Words of the shadow for each element of workgroup memory. */
  shadowWords: 5,
} as const;

/** An agent is an invocation, or what stands for several of them; see `AGENTS`. */
const AGENT_BITS = 12;

/**
 * The first agents of each kind. A matrix is stored and loaded by a subgroup, and WGSL does not say which invocation
 * handles which element: so this counts as another agent than the invocation that does it when units are emulated.
 * Atomic stores of one value agree with each other, and so do atomic operations of one kind: each is one agent.
 */
export const AGENTS = { matrix: 1024, store: 2048, operation: 3072 } as const;

export interface LogSize {
  /** Workgroups that are checked: those with the lowest indices. */
  workgroups: number;
  /** Elements of workgroup memory that the shadow has room for. */
  elements: number;
}

/** What a person calls the one who made an access. */
export function agentName(agent: number): string {
  if (agent >= AGENTS.operation) return 'an atomic operation';
  if (agent >= AGENTS.store) return 'an atomic store';
  if (agent < AGENTS.matrix) return `invocation ${agent}`;
  return `a matrix operation of the subgroup of invocation ${agent - AGENTS.matrix}`;
}

/** WGSL: the log, and the functions that note an access in it. */
export function noteFunctions({ workgroups, elements }: LogSize): string {
  const { records, recordWords, shadow, shadowWords } = RACE_LOG;
  return `@group(1) @binding(0) var<storage, read_write> race_log: array<atomic<u32>>;
var<private> race_agent: u32;
var<private> race_group: u32;
var<private> race_epoch: u32 = 1u;

fn race_report(at: u32, site: u32, agent: u32, other: u32, otherSite: u32, kind: u32) {
  let slot = atomicAdd(&race_log[0], 1u);
  if (slot < ${records}u) {
    let to = 1u + slot * ${recordWords}u;
    atomicStore(&race_log[to], site);
    atomicStore(&race_log[to + 1u], otherSite);
    atomicStore(&race_log[to + 2u], agent);
    atomicStore(&race_log[to + 3u], other);
    atomicStore(&race_log[to + 4u], kind);
    atomicStore(&race_log[to + 5u], at);
    atomicStore(&race_log[to + 6u], race_group);
    atomicStore(&race_log[to + 7u], race_epoch);
  }
}
// Words of an element's shadow: the last write, the reader with the highest number and the one with the lowest, each with
// its barrier; then the places of the last write and the last read.
fn race_note(at: u32, site: u32, agent: u32, isWrite: bool) -> bool {
  if (race_group < ${workgroups}u && at < ${elements}u) {
    let to = ${shadow}u + (race_group * ${elements}u + at) * ${shadowWords}u;
    let now = race_epoch << ${AGENT_BITS}u;
    let mask = ${2 ** AGENT_BITS - 1}u;
    if (isWrite) {
      let before = atomicExchange(&race_log[to], now | agent);
      let writer = before & mask;
      if ((before & ~mask) == now && writer != agent) {
        race_report(at, site, agent, writer, atomicLoad(&race_log[to + 3u]), 0u);
      }
      atomicStore(&race_log[to + 3u], site);
      let high = atomicLoad(&race_log[to + 1u]);
      let low = atomicLoad(&race_log[to + 2u]);
      if ((high & ~mask) == now && (high & mask) != agent) {
        race_report(at, site, agent, high & mask, atomicLoad(&race_log[to + 4u]), 1u);
      } else if ((low & ~mask) == now && mask - (low & mask) != agent) {
        race_report(at, site, agent, mask - (low & mask), atomicLoad(&race_log[to + 4u]), 1u);
      }
    } else {
      atomicMax(&race_log[to + 1u], now | agent);
      atomicMax(&race_log[to + 2u], now | (mask - agent));
      atomicStore(&race_log[to + 4u], site);
      let before = atomicLoad(&race_log[to]);
      if ((before & ~mask) == now && (before & mask) != agent) {
        race_report(at, site, agent, before & mask, atomicLoad(&race_log[to + 3u]), 2u);
      }
    }
  }
  return true;
}
fn race_at(base: u32, i: u32, site: u32, agent: u32, isWrite: bool) -> u32 {
  race_note(base + i, site, agent, isWrite);
  return i;
}
// workgroupUniformLoad is a barrier, a load and a barrier.
fn race_uniform(at: u32, site: u32) -> bool {
  race_epoch++;
  race_note(at, site, race_agent, false);
  race_epoch++;
  return true;
}
`;
}
