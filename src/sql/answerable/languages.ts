/**
 * Questions in another language than English. Words of care are alike in many (`Patienten`, `diabetes`), so that a schema may
 * seem to explain them.
 */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** What a question begins with: how many, which, who, when, show. */
const OPENERS = words(`
  combien quels quelles quel quelle montrez affichez donnez listez lister
  wie wieviel wieviele welche welcher welches welchen welchem zeige zeigen zeig nenne gib
  cuántos cuantos cuántas cuantas cuánto cuál cuáles cuales quién quiénes quienes muestre mostrar muéstrame dame
  cuándo dónde qué quanti quante quali mostra mostrami quantos quantas quais quem mostre hoeveel welke toon wanneer
  hvor hvilke hvilken hvem vilka vilken hvad hvornår när ilu które którzy pokaż kolik kteří kaç hangi hány montako
  mitkä kuinka câți câte
`);
/** Those of them that are also somebody's name, or nearly a word of English. */
const DOUBTFUL = words(`
  montre affiche liste trouvez qui quand wer wann wo alle anzahl finde muestra lista listar quale elenca quando geef hur
  antal antall ile
`);

/** Small words inside a question that no name of a person or a place has, and what others call patients. */
const INSIDE = words(`
  ont été sont avec ayant dans parmi chez étaient avaient plus ans hier tous toutes
  sind gibt gab wurden wurde haben hatte hatten ist nicht mit und älter jahre gestern alle auf viele patienten
  son están tienen tiene fueron hay más años ayer mayores fue todos pacientes
  sono hanno ci anni ieri più tutti pazienti
  são têm tem foram há mais anos ontem
  zijn hebben werden jaar gisteren patiënten
  är finns det har och er som patienter pasienter
  jest są było mają je jsou bylo pacjentów pacientů hasta beteg potilasta
`);

/** Words of every English question but the shortest. */
const ENGLISH =
  words(`the of are is how which who what when where whose was were with and or by for to in on at from than there have has had
  had all any each every per no not since before after between during do does did been list show me number count many
  much average total most least given took taking diagnosed prescribed admitted named`);

/**
 * Whether a question is in another language.
 *
 * @param text with the words of its names in place
 */
export function isOtherLanguage(text: string): boolean {
  const said: readonly string[] = text.toLowerCase().match(/[\p{L}'’]+/gu) ?? [];
  const [first = '', second] = said;
  if (second === undefined) return false;
  const inside = new Set(said.slice(1).filter((word) => INSIDE.has(word)));
  // `in`, `was` and `all` are words of other languages too: two words that English has not say more.
  const isOpened = OPENERS.has(first) || DOUBTFUL.has(first);
  if (isOpened && inside.size > 0 && !said.includes('the')) return true;
  if (said.some((word) => ENGLISH.has(word))) return false;
  return (OPENERS.has(first) && !isName(text)) || inside.size > 1;
}

/** `Wie Chen`, `Dame Judith's stays`: two capitals at the beginning. */
function isName(text: string): boolean {
  return /^\W*\p{Lu}\p{Ll}+ \p{Lu}\p{Ll}+(?:['’]s\b|\W*$)/u.test(text);
}
