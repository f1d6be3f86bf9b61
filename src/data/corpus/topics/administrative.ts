/**
 * Columns that record how a row came about, or that only software reads: who changed it and when, row versions, hashes,
 * passwords. Nobody asks about them.
 */
const COLUMN =
  /\b(creat(ed|ion|or)|modified|modification|modify|changed|updated?|void(ed|ing)?|retired?|deleted?|audit\w*|upload\w*|download\w*|imported|import (date|time|user)|inserted|legacy|uuid|guid|unique id|salt|hash|checksum|password|secret|token|row ?version|row (id|number|hash|guid)|etl|load (date|time|id|user)|loaded|refresh|sync|source ?system|source file|record source|tenant|last seen|entered by|stored? (time|date)|locale|theme|xslt?|serialized)\b/;
/** Tables of the software itself. */
const TABLE =
  /\b(audit|logs?|qt|query|lock|queue|archive|liquibase\w*|scheduler|task config|global property|user property|user|privilege|serialized|clob|session|token|migration|hl7|handler|address hierarchy|notification|alert recipient|metadata|harvest|data refresh|crosswalk|stop word|proposal|proposed|saved report|report (definition|object|schema)|nlp|extracted term|serialized|source to concept map|resource of a form|message error)\b/;
/** Tables that hold a schema together: mappings, vocabularies, forms. They have questions, but few. */
const PLUMBING =
  /\b(mapping|crosswalk|map|attribute( type)?|fact link|record link|metadata|data (set|source|mart|refresh)|terminology|vocabulary|domain|concept|synonym|alternative name|hierarchy|nlp|term|relationship|link|definition|rule|proposal|conversion|stop word|reference|resource|field|form|template|role|workflow|membership|member|set|tag|strength|identifier|lookup|meaning|modifier|subject area|inheritance|object|datatype|era|episode)\b/;
/** Types that hold no value a person could read. */
const TYPE = /^(binary|varbinary|image|rowversion|timestamp|uniqueidentifier|xml)/;

/** @param words the column's readable words, lower case */
export function isAdministrative(words: string, type: string): boolean {
  return COLUMN.test(words) || (TYPE.test(type) && !/uniqueidentifier/.test(type));
}

/** @param words what the rows of the table are called */
export function isAdministrativeTable(words: string): boolean {
  return TABLE.test(words);
}

/** @param words what the rows of the table are called */
export function isPlumbing(words: string): boolean {
  return PLUMBING.test(words);
}
