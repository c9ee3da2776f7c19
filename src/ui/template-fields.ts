/** Prompt templates: text with fields in double braces. Pure. */

/** Names of letters, digits, spaces, `-` and `_`; anything else in braces is left alone, so that code samples survive. */
const FIELD = /\{\{\s*([\p{L}\p{N}_](?:[\p{L}\p{N}_ -]{0,62}[\p{L}\p{N}_])?)\s*\}\}/gu;

/** @returns the field names in order of first appearance, each once. */
export function templateFields(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(FIELD), (match) => match[1]!))];
}

/** Replaces fields by values; one without a value stays as it is. Values are not searched for fields again. */
export function fillTemplate(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(FIELD, (whole, name: string) => values.get(name) ?? whole);
}
