/**
 * A message for the person who asked, with their own words in place of placeholders: `__TEXT_1__` becomes `"metformin"`.
 * @param placeholders without `text`, where values are not shown, their names stay
 */
export function inOwnWords(
  message: string,
  placeholders: readonly { name: string; text?: string | undefined }[],
): string {
  const texts = new Map(placeholders.map(({ name, text }) => [name, text]));
  return message.replace(/__[A-Z]+_\d+__/g, (name) => {
    const text = texts.get(name);
    return text === undefined ? name : `"${text}"`;
  });
}
