/**
 * Fills `{slot}` and `{slot=default}` in a template of the tables.
 * @param valueOf the value of a slot; undefined uses the default
 * @throws Error for a slot without a value and a default: a mistake in a table
 */
export function fillTemplate(template: string, valueOf: (slot: string) => string | undefined): string {
  return template.replace(/\{(\w+)(?:=([^}]*))?\}/g, (_, slot: string, fallback: string | undefined) => {
    const value = valueOf(slot) ?? fallback;
    if (value === undefined) throw new Error(`the template '${template}' has no value for {${slot}}`);
    return value;
  });
}
