import type { Random } from '../../base/random.js';
import type { CodedValue } from '../schema/bundle.js';
import type { AttributeType } from './concepts.js';

/** The SQL Server types of one schema: its keys, dates and texts have one type each. */
export class ColumnTypes {
  readonly key: string;
  private readonly moment: string;
  private readonly text: string;

  constructor(private readonly random: Random) {
    this.key = random.pick(['int', 'int', 'int', 'bigint', 'uniqueidentifier', 'varchar(20)', 'numeric(10)']);
    this.moment = random.pick(['datetime', 'datetime2', 'datetime2', 'smalldatetime']);
    this.text = random.pick(['varchar', 'nvarchar']);
  }

  of(type: AttributeType): string {
    const { random } = this;
    switch (type) {
      case 'd':
      case 'D':
      case 'E':
        return random.chance(0.8) ? 'date' : this.moment;
      case 't':
      case 'A':
      case 'Z':
        return this.moment;
      case 's':
        return `${this.text}(${random.pick([40, 50, 80, 100, 200])})`;
      case 'c':
      case 'S':
      case 'q':
        return `${random.pick(['varchar', 'varchar', 'char', 'nvarchar'])}(${random.pick([4, 10, 20])})`;
      case 'k':
        return `varchar(${random.pick([20, 30, 50])})`;
      case 'u':
        return `varchar(${random.pick([10, 20])})`;
      case 'b':
        return random.chance(0.85) ? 'bit' : 'tinyint';
      case 'i':
        return random.pick(['int', 'int', 'smallint']);
      case 'n':
        return random.pick(['decimal(9,2)', 'decimal(18,4)', 'numeric(10,3)', 'float']);
      case 'm':
        return random.pick(['money', 'decimal(12,2)', 'decimal(18,2)']);
      case 'r':
        return `${this.text}(${random.pick([100, 200, 500])})`;
      case 'x':
        return `${this.text}(${random.pick(['max', '2000'])})`;
      case 'y':
        return random.pick(['int', 'smallint']);
      case 'o':
        return 'int';
    }
  }

  /** A type that holds all of the codes. */
  ofCodes(codes: readonly CodedValue[]): string {
    if (codes.every(({ value }) => /^\d+$/.test(value)) && this.random.chance(0.8)) return 'int';
    const longest = Math.max(...codes.map(({ value }) => value.length));
    return longest === 1 ? 'char(1)' : `varchar(${[10, 20, 50].find((length) => length >= longest) ?? 100})`;
  }
}
