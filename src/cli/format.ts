const UNITS = ['', 'k', 'M', 'G', 'T', 'P'];

/** A number with three or four digits and a decimal unit: `1.07M`, `321M`, `2.1G`. */
export function formatCount(value: number): string {
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  if (unit === 0) return String(Math.round(value));
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)}${UNITS[unit]}`;
}

/** `42 s`, `3 min 5 s`, `2 h 10 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A share from 0 to 1 as a percentage with one decimal: `12.3%`. */
export function formatShare(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

/** How often answers of such a confidence are right. A sample in which none was wrong does not show that none ever is. */
export function formatChance(chance: number): string {
  return chance > 0.99
    ? 'nearly all such answers are right'
    : `${formatShare(chance)} of such answers are right`;
}

/** An adapter on one line: name, kind and the source of its driver. */
export function formatAdapter(adapter: { name: string; kind: string; driver: string }): string {
  return `${adapter.name} (${adapter.kind}, ${adapter.driver} driver)`;
}
