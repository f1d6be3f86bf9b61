import { DeviceError } from '../errors.js';
import { AGENTS, noteFunctions, type LogSize } from './race-log.js';

/** A place in a kernel's text that reads or writes workgroup memory. */
export interface AccessSite {
  variable: string;
  /** In the text that the compiler gets, counted from 1. */
  line: number;
}

export interface CheckedText {
  text: string;
  /** By the number that the log gives for a site. */
  sites: readonly AccessSite[];
}

const ATOMICS = [
  'atomicAdd',
  'atomicSub',
  'atomicMax',
  'atomicMin',
  'atomicAnd',
  'atomicOr',
  'atomicXor',
  'atomicExchange',
  'atomicCompareExchangeWeak',
];

interface Variable {
  name: string;
  /** Extents of the nested arrays, outermost first, as expressions. None for a variable that is no array. */
  extents: readonly string[];
  /** The type of an element, without `atomic`. */
  element: string;
  isAtomic: boolean;
}

export interface CheckedTextOptions extends LogSize {
  /** Where messages say that the fault is. */
  label: string;
  /** Names of functions in which a subgroup stores or loads a matrix. */
  matrixFunctions?: ReadonlySet<string> | undefined;
}

/**
 * A kernel's text that also notes every access to workgroup memory. For each element, the log keeps who read and wrote it
 * since which barrier. An access reports a race if another agent accessed the same element after the same barrier, and
 * one of the two writes. That holds in any order in which invocations run, so a race is found even where an adapter's
 * order hides it: but only on elements that this dispatch touches.
 *
 * Subgroup and quad operations order nothing in workgroup memory, as in WGSL; only `workgroupBarrier` and
 * `workgroupUniformLoad` do. A vector is one element, since writing one component may write all of it.
 *
 * @throws DeviceError `race-check` for text that it cannot follow: pointers to workgroup memory, whole arrays as values,
 * matrix types (check the emulated kernel instead)
 */
export function checkedText(source: string, options: CheckedTextOptions): CheckedText {
  return new Rewriter(source, options).run();
}

/** Whether a text has workgroup memory, and so can have a race in it. */
export const hasWorkgroupMemory = (source: string): boolean =>
  /\bvar\s*<\s*workgroup\s*>/.test(withoutComments(source));

/** Names of the functions whose body contains a match. */
export function functionsWith(source: string, pattern: RegExp): Set<string> {
  const code = withoutComments(source);
  const names = functionsOf(code).filter(({ start, end }) => pattern.test(code.slice(start, end)));
  return new Set(names.map(({ name }) => name));
}

/** Comments become spaces, so that offsets and lines stay. */
function withoutComments(source: string): string {
  return source.replace(/\/\/.*/g, (comment) => ' '.repeat(comment.length));
}

function functionsOf(code: string): { name: string; start: number; end: number }[] {
  return [...code.matchAll(/\bfn\s+(\w+)\s*\(/g)].map(({ index, 1: name }) => {
    const start = code.indexOf('{', closing(code, code.indexOf('(', index)));
    return { name: name!, start, end: closing(code, start) };
  });
}

const PAIRS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** The offset of the bracket that closes the one at `open`. */
function closing(code: string, open: number): number {
  const [left, right] = [code[open]!, PAIRS[code[open]!]!];
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if (code[at] === left) depth++;
    if (code[at] === right && --depth === 0) return at;
  }
  return code.length;
}

/** Splits at commas outside brackets and template lists. */
function splitList(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if ('([{<'.includes(text[at]!)) depth++;
    if (')]}>'.includes(text[at]!)) depth--;
    if (text[at] === ',' && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)].map((part) => part.trim()).filter(Boolean);
}

class Rewriter {
  readonly #code: string;
  readonly #variables = new Map<string, Variable>();
  readonly #declarations: { start: number; end: number }[] = [];
  readonly #functions: { name: string; start: number; end: number }[];
  readonly #sites: AccessSite[] = [];
  #names = /(?!)/g;

  constructor(
    source: string,
    private readonly options: CheckedTextOptions,
  ) {
    this.#code = withoutComments(source);
    this.#functions = functionsOf(this.#code);
    for (const { index, 0: text, 1: name, 2: type } of this.#code.matchAll(
      /\bvar\s*<\s*workgroup\s*>\s*(\w+)\s*:\s*([^;]*);/g,
    )) {
      this.#variables.set(name!, this.#variableOf(name!, type!));
      this.#declarations.push({ start: index, end: index + text.length });
    }
  }

  run(): CheckedText {
    if (/\bsubgroup_matrix_|\bsubgroupMatrix/.test(this.#code)) {
      this.#fail(0, 'matrices of a subgroup cannot be followed; check the kernel with emulateMatrices');
    }
    const names = [...this.#variables.keys(), 'workgroupBarrier', 'workgroupUniformLoad', 'atomic\\w+'];
    this.#names = new RegExp(`(?<![\\w.@])(${names.join('|')})\\b`, 'g');
    const entry = this.#entryPoint();
    const parts = [
      this.#rewrite(0, entry.parameters),
      entry.added,
      this.#rewrite(entry.parameters, entry.body + 1),
      entry.begin,
      this.#rewrite(entry.body + 1, this.#code.length),
      this.#library(),
    ];
    return { text: parts.join(''), sites: this.#sites };
  }

  #variableOf(name: string, type: string): Variable {
    const extents: string[] = [];
    let element = type.trim();
    for (;;) {
      const inner = /^array\s*<([\s\S]*)>$/.exec(element)?.[1];
      if (inner === undefined) break;
      const [of, extent] = splitList(inner);
      if (extent === undefined) this.#fail(0, `${name} has an array without an extent`);
      extents.push(extent!);
      element = of!;
    }
    const atomic = /^atomic\s*<\s*(\w+)\s*>$/.exec(element)?.[1];
    return { name, extents, element: atomic ?? element, isAtomic: atomic !== undefined };
  }

  /** Where parameters are added to the entry point, and what begins its body. */
  #entryPoint(): { parameters: number; added: string; body: number; begin: string } {
    const at = this.#code.search(/@compute\b/);
    const open = this.#code.indexOf('(', this.#code.indexOf('fn ', at));
    const close = closing(this.#code, open);
    const given = this.#code.slice(open + 1, close);
    const added: string[] = [];
    const builtin = (name: string, type: string): string => {
      const known = new RegExp(`@builtin\\(\\s*${name}\\s*\\)\\s*(\\w+)\\s*:`).exec(given)?.[1];
      if (known !== undefined) return known;
      added.push(`@builtin(${name}) race_${name}: ${type}`);
      return `race_${name}`;
    };
    const local = builtin('local_invocation_index', 'u32');
    const group = builtin('workgroup_id', 'vec3u');
    const grid = builtin('num_workgroups', 'vec3u');
    const separator = given.trim() && !given.trim().endsWith(',') ? ', ' : '';
    return {
      parameters: close,
      added: added.length ? separator + added.join(', ') : '',
      body: this.#code.indexOf('{', close),
      begin: ` race_agent = ${local}; race_group = ${group}.x + ${grid}.x * (${group}.y + ${grid}.y * ${group}.z);`,
    };
  }

  /** The text from `start` to `end`, with every access noted. */
  #rewrite(start: number, end: number): string {
    let output = '';
    let at = start;
    const names = new RegExp(this.#names.source, 'g');
    names.lastIndex = start;
    for (let match = names.exec(this.#code); match && match.index < end; match = names.exec(this.#code)) {
      const { index } = match;
      const declared = this.#declarations.find((one) => one.start <= index && index < one.end);
      if (declared) {
        names.lastIndex = declared.end;
        continue;
      }
      const made = this.#replacement(match[1]!, index);
      if (!made) continue;
      output += this.#code.slice(at, index) + made.text;
      at = made.end;
      names.lastIndex = made.end;
    }
    return output + this.#code.slice(at, end);
  }

  #replacement(name: string, index: number): { text: string; end: number } | undefined {
    const after = index + name.length;
    if (name === 'workgroupBarrier') {
      const end = closing(this.#code, this.#code.indexOf('(', after)) + 1;
      return { text: `${this.#code.slice(index, end)}; race_epoch++`, end };
    }
    const variable = this.#variables.get(name);
    if (variable) return this.#access(variable, index);
    return this.#throughPointer(name, index);
  }

  /** `name[i]`, `name[i] = …`, `name`, `name = …` */
  #access(variable: Variable, index: number): { text: string; end: number } {
    if (/(^|[(,=])\s*&\s*$/.test(this.#code.slice(Math.max(0, index - 20), index))) {
      this.#fail(index, `a pointer to ${variable.name} cannot be followed`);
    }
    const { subscripts, end } = this.#subscripts(variable, index);
    let next = end;
    for (;;) {
      const member = /^\s*\.\s*\w+/.exec(this.#code.slice(next, next + 60));
      if (member) next += member[0].length;
      else if (/^\s*\[/.test(this.#code.slice(next, next + 60))) {
        next = closing(this.#code, this.#code.indexOf('[', next)) + 1;
      } else break;
    }
    const isWrite = /^\s*(=(?!=)|\+\+|--|(\+|-|\*|\/|%|&|\||\^|<<|>>)=)/.test(
      this.#code.slice(next, next + 20),
    );
    const agent = this.#isMatrix(index) ? `${AGENTS.matrix}u + race_agent` : 'race_agent';
    const site = this.#site(variable.name, index);
    const rest = this.#rewrite(end, next);
    if (subscripts.length === 0) {
      const note = `race_note(${this.#base(variable)}, ${site}u, ${agent}, ${isWrite})`;
      if (isWrite) return { text: `${note}; ${variable.name}${rest}`, end: next };
      return { text: `race_value_${variable.name}(${note})${rest}`, end: next };
    }
    return {
      text: variable.name + this.#noted(variable, subscripts, site, agent, isWrite) + rest,
      end: next,
    };
  }

  /** The subscripts, of which the last one notes the access. */
  #noted(
    variable: Variable,
    subscripts: readonly string[],
    site: number,
    agent: string,
    isWrite: boolean,
  ): string {
    const outer = subscripts.slice(0, -1);
    const row = outer.map((subscript, i) => {
      const inside = variable.extents.slice(i + 1).map((extent) => `u32(${extent})`);
      return `u32(${subscript}) * ${inside.join(' * ')}`;
    });
    const base = [this.#base(variable), ...row].join(' + ');
    const last = `race_at(${base}, u32(${subscripts.at(-1)!}), ${site}u, ${agent}, ${isWrite})`;
    return [...outer, last].map((subscript) => `[${subscript}]`).join('');
  }

  /** As many subscripts as the variable has extents. */
  #subscripts(variable: Variable, index: number): { subscripts: string[]; end: number } {
    const subscripts: string[] = [];
    let end = index + variable.name.length;
    for (let i = 0; i < variable.extents.length; i++) {
      const open = this.#code.indexOf('[', end);
      if (open < 0 || this.#code.slice(end, open).trim() !== '') {
        this.#fail(index, `${variable.name} is used as a whole, which cannot be followed`);
      }
      const close = closing(this.#code, open);
      subscripts.push(this.#rewrite(open + 1, close));
      end = close + 1;
    }
    return { subscripts, end };
  }

  /** `atomicAdd(&name[i], …)` or `workgroupUniformLoad(&name)`; undefined if it is about other memory. */
  #throughPointer(called: string, index: number): { text: string; end: number } | undefined {
    const open = index + called.length;
    if (!/^\s*\(/.test(this.#code.slice(open, open + 20))) return undefined;
    const from = this.#code.indexOf('(', open);
    const end = closing(this.#code, from) + 1;
    const pointer = /^\(\s*&\s*(\w+)/.exec(this.#code.slice(from, end));
    const variable = this.#variables.get(pointer?.[1] ?? '');
    if (!pointer || !variable) return undefined;
    const start = from + pointer[0].length - variable.name.length;
    const { subscripts, end: endOfPointer } = this.#subscripts(variable, start);
    const others = this.#rewrite(endOfPointer, end - 1);
    const site = this.#site(variable.name, index);
    const isUniform = called === 'workgroupUniformLoad';
    const isLoad = isUniform || called === 'atomicLoad';
    const agent = isLoad
      ? 'race_agent'
      : called === 'atomicStore'
        ? `${AGENTS.store}u + (u32(${others.replace(/^\s*,/, '')}) & 511u)`
        : `${AGENTS.operation + ATOMICS.indexOf(called)}u`;
    // The note of a uniform load is made between two barriers, so it needs an index that anyone may evaluate there.
    const element =
      isUniform && subscripts.length === 1 ? /^\s*(\d+)u?\s*$/.exec(subscripts[0]!)?.[1] : undefined;
    if (isUniform && subscripts.length && element === undefined) {
      this.#fail(index, `workgroupUniformLoad of an element of ${variable.name} cannot be followed`);
    }
    let place = '';
    if (element !== undefined) place = `[${element}]`;
    else if (subscripts.length) place = this.#noted(variable, subscripts, site, agent, !isLoad);
    const call = `${called}(&${variable.name}${place}${others})`;
    // Without a subscript the note is a value or a statement of its own.
    const note = isUniform
      ? `race_uniform(${this.#base(variable)} + ${element ?? 0}u, ${site}u)`
      : subscripts.length
        ? ''
        : `race_note(${this.#base(variable)}, ${site}u, ${agent}, ${!isLoad})`;
    if (!note) return { text: call, end };
    const isStatement = /[;{}]\s*$/.test(this.#code.slice(0, index));
    if (isStatement) return { text: `${note}; ${call}`, end };
    return { text: `select(${variable.element}(), ${call}, ${note})`, end };
  }

  #isMatrix(index: number): boolean {
    const holder = this.#functions.find(({ start, end }) => start <= index && index < end);
    return holder !== undefined && (this.options.matrixFunctions?.has(holder.name) ?? false);
  }

  #base({ name }: Variable): string {
    return `race_base_${name}`;
  }

  #site(variable: string, index: number): number {
    this.#sites.push({ variable, line: this.#code.slice(0, index).split('\n').length });
    return this.#sites.length - 1;
  }

  #fail(index: number, message: string): never {
    const line = this.#code.slice(0, index).split('\n').length;
    throw new DeviceError('race-check', `${this.options.label}, line ${line}: ${message}`);
  }

  /** Where each variable begins in the shadow, and functions that return variables that are no arrays. */
  #library(): string {
    let base = '0u';
    const bases = [...this.#variables.values()].map((variable) => {
      const count = variable.extents.map((extent) => `u32(${extent})`).join(' * ') || '1u';
      const text = `override ${this.#base(variable)}: u32 = ${base};\n`;
      base = `${this.#base(variable)} + ${count}`;
      return text;
    });
    const values = [...this.#variables.values()]
      // An atomic variable is read through pointers only.
      .filter(({ extents, isAtomic }) => extents.length === 0 && !isAtomic)
      .map(({ name, element }) => `fn race_value_${name}(noted: bool) -> ${element} { return ${name}; }\n`);
    return `\n${bases.join('')}${values.join('')}${noteFunctions(this.options)}`;
  }
}
