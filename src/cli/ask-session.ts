import { AppError } from '../base/errors.js';
import { closest } from '../base/suggest.js';
import type { AnswerBody, SchemaTable } from '../serve/contract.js';
import { tell } from '../serve/respond.js';
import type { SqlService } from '../serve/service.js';
import { inOwnWords } from '../serve/own-words.js';
import { formatChance, formatShare } from './format.js';
import { printable, tableLines, type Paint } from './paint.js';

/** Where a session writes: statements and tables, and apart from them what is said about an answer. */
export interface SessionOutput {
  print: (line: string) => void | Promise<void>;
  note: (line: string) => void;
  /** For what is printed. */
  paint: Paint;
}

const COMMANDS_HELP: readonly (readonly [string, string])[] = [
  ['\\schema', 'list the tables; \\schema TABLE lists its columns'],
  ['\\use NAME', 'ask another schema, if the command was given several'],
  ['\\explain', 'say in plain words what the last statement does'],
  ['\\why', 'show what was read as what, the tables considered, and the other candidates'],
  ['\\help', 'list these commands'],
  ['\\quit', 'end, as Ctrl+D does; Ctrl+C ends a question'],
];

/** Answers lines of one person: questions, and commands that begin with a backslash. */
export class AskSession {
  #schema: string | undefined;
  #last: AnswerBody | undefined;
  #refused = 0;

  constructor(
    private readonly service: SqlService,
    private readonly out: SessionOutput,
  ) {}

  /** Questions that got no statement. */
  get refused(): number {
    return this.#refused;
  }

  /** What Tab offers: commands, and the names behind them. @returns the offers, and the part of the line that they replace */
  completions(typed: string): [offers: string[], replaced: string] {
    const [, command = '', name] = /^(\\\w*)(?:\s+(\S*))?$/.exec(typed) ?? [];
    if (command === '') return [[], typed];
    if (name === undefined) {
      const all = COMMANDS_HELP.map(([text]) => text.split(' ')[0]!);
      return [all.filter((one) => one.startsWith(command)), command];
    }
    const names =
      command === '\\schema'
        ? this.service.schema(this.#schema).tables.map((table) => table.name)
        : command === '\\use'
          ? this.service.schemaNames
          : [];
    return [names.filter((one) => one.toLowerCase().startsWith(name.toLowerCase())), name];
  }

  /** @returns whether the session goes on */
  async line(text: string, signal?: AbortSignal): Promise<boolean> {
    const line = text.trim();
    if (line === '') return true;
    if (!line.startsWith('\\')) {
      await this.#ask(line, signal);
      return true;
    }
    const [name = '', ...rest] = line.split(/\s+/);
    return this.#command(name, rest.join(' '));
  }

  async #ask(question: string, signal: AbortSignal | undefined): Promise<void> {
    const { print, note, paint } = this.out;
    this.#last = undefined;
    let answer: AnswerBody;
    try {
      answer = await this.service.ask(question, { schema: this.#schema, values: true }, { signal });
    } catch (error) {
      if (signal?.aborted) return note('cancelled');
      if (!(error instanceof AppError)) throw error;
      this.#refused++;
      return note(`${tell(error).body.error.message}`);
    }
    this.#last = answer;
    const { statement, refusal, confidence, notes } = answer;
    const { placeholders } = answer;
    for (const { message } of notes) note(printable(inOwnWords(message, placeholders)));
    if (statement === null) {
      this.#refused++;
      const why = inOwnWords(refusal?.message ?? '', placeholders);
      return note(`refused, ${printable(why)} (\\why shows what was read)`);
    }
    await print(paint.sql(printable(statement)));
    if (confidence) {
      const { whole, chance } = confidence;
      const right = chance === undefined ? '' : `; ${formatChance(chance)}`;
      note(`confidence: ${formatShare(whole)}${right}`);
    }
  }

  async #command(name: string, argument: string): Promise<boolean> {
    switch (name) {
      case '\\q':
      case '\\quit':
        return false;
      case '\\help':
        await this.#lines(tableLines(['command', 'what it does'], COMMANDS_HELP, this.out.paint));
        return true;
      case '\\schema':
        await this.#lines(argument === '' ? this.#tables() : this.#columns(argument));
        return true;
      case '\\use':
        this.#use(argument);
        return true;
      case '\\explain':
        await this.#lines([printable(this.#last?.explanation ?? 'there is no statement to explain')]);
        return true;
      case '\\why':
        await this.#lines(this.#last ? this.#why(this.#last) : ['there is no question to look into']);
        return true;
      default: {
        const known = COMMANDS_HELP.map(([command]) => command.split(' ')[0]!);
        const meant = closest(name, known);
        this.out.note(
          `no command ${printable(name)}${meant === undefined ? ';' : `; did you mean ${meant}?`} \\help lists them`,
        );
        return true;
      }
    }
  }

  async #lines(lines: readonly string[]): Promise<void> {
    for (const line of lines) await this.out.print(line);
  }

  #use(name: string): void {
    try {
      this.#schema = this.service.schema(name === '' ? undefined : name).name;
      this.out.note(`questions are about ${this.#schema}`);
    } catch (error) {
      this.out.note(`no schema ${printable(name)}; known: ${this.service.schemaNames.join(', ')}`);
      if (!(error instanceof AppError)) throw error;
    }
  }

  #tables(): string[] {
    const { tables, title } = this.service.schema(this.#schema);
    const rows = tables.map(({ name, role, words, synonyms, columns }) => [
      name,
      role,
      String(columns.length),
      [words, ...synonyms.slice(0, 3)].join(', '),
    ]);
    return [title, ...tableLines(['table', 'role', 'columns', 'called'], rows, this.out.paint)];
  }

  #columns(name: string): string[] {
    const { tables } = this.service.schema(this.#schema);
    const table = tables.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (!table) {
      const meant = closest(
        name,
        tables.map((one) => one.name),
      );
      return [`no table ${printable(name)}${meant === undefined ? '' : `; did you mean ${meant}?`}`];
    }
    const rows = table.columns.map((column) => [
      column.name,
      column.type,
      column.role,
      keyOf(column),
      [column.words, ...column.synonyms.slice(0, 3)].join(', '),
    ]);
    return [
      printable(`${table.name}: ${table.description}`),
      ...tableLines(['column', 'type', 'role', 'key', 'called'], rows, this.out.paint),
    ];
  }

  #why({ masked, placeholders, tables, unexplained, alternatives }: AnswerBody): string[] {
    const { paint } = this.out;
    const read = placeholders.map(({ name, text = '', value = '', kind, type, columns = [] }) => [
      ...[name, text, value === text ? '' : value],
      ...[kind, type, columns.join(' or ')],
    ]);
    const written = alternatives.map(({ sql, confidence, errors }) => {
      const share = confidence ? formatShare(confidence.whole) : '?';
      const [fault] = errors;
      const why = fault ? paint.red(printable(`  ${fault.code}: ${fault.message}`)) : '';
      return [`${share.padStart(6)}  ${paint.sql(printable(sql))}`, ...(why === '' ? [] : [why])];
    });
    const header = ['placeholder', 'written', 'read as', 'kind', 'type', 'columns'];
    return [
      `question: ${printable(masked)}`,
      ...(read.length === 0 ? ['values: none'] : tableLines(header, read, paint)),
      `tables considered: ${tables.join(', ')}`,
      ...(unexplained.length === 0
        ? []
        : [`not explained by the schema: ${printable(unexplained.join(', '))}`]),
      ...(written.length === 0 ? [] : [paint.bold('candidates, most confident first'), ...written.flat()]),
    ];
  }
}

function keyOf({ isKey, pointsTo }: SchemaTable['columns'][number]): string {
  return [isKey ? 'primary' : '', pointsTo === undefined ? '' : `-> ${pointsTo}`].filter(Boolean).join(' ');
}
