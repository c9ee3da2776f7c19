/** Hands a file to the person, as a download. */

/** What the system takes a file for, by the end of its name. */
const TYPES: Readonly<Record<string, string>> = { json: 'application/json', yaml: 'application/yaml', csv: 'text/csv' };

/** Text in UTF-8; of an unknown kind it is plain text. */
export const typeOf = (name: string): string => TYPES[name.split('.').at(-1) ?? ''] ?? 'text/plain';

export function saveFile(name: string, content: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type: typeOf(name) }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
