/** What we use of Papa Parse (`paths` in tsconfig.json). Its published types would bring those of Node.js along, which the page does not have. */
interface ParseError {
  readonly message: string;
  /** From 0, headings not counted; absent if it is about the whole. */
  readonly row?: number;
}

interface Papa {
  parse(text: string, options: { header: true; skipEmptyLines: 'greedy'; transformHeader(heading: string): string }): {
    readonly data: readonly Readonly<Record<string, string | undefined>>[];
    readonly errors: readonly ParseError[];
    readonly meta: { readonly fields?: readonly string[] };
  };
  unparse(rows: readonly (readonly (string | number)[])[], options: { newline: '\n'; escapeFormulae: boolean }): string;
}

declare const papa: Papa;
export default papa;
