/** The command line of `npm start`: what may be said, and what is said back when it can't be understood. Pure. */
import { parseArgs } from 'node:util';

export const DEFAULT_PORT = 8402;
export const DEFAULT_MODEL = 'smollm2-135m';

export const HELP = `npm start -- [options]

Installs and builds what is missing or old, serves Llambo, and prints its address.

  --port <number>   port to serve on (${DEFAULT_PORT}); if it is taken, the next free one
  --strict-port     stop with an error if the port is taken
  --host <name>     address to listen on (localhost); 0.0.0.0 lets other devices in
  --model <model>   tiny: the built-in engine, no download
                    ${DEFAULT_MODEL}: the default, 98 MB, fetched once
                    a path or a URL of a GGUF file
  --ice <servers>   STUN and TURN servers for tabs that can't reach each other: JSON, or a file with it
                    [{ "urls": ["turn:turn.example:3478"], "username": "…", "credential": "…" }]
  --turn <urls>     a TURN server that shares a secret with this one (coturn: use-auth-secret), turn:host:3478;
                    pages get credentials for it that end after an hour
  --turn-secret-file <path>
                    the file with that secret, unless LLAMBO_TURN_SECRET has it
  --no-open         don't open the browser
  --help            this text

LLAMBO_CACHE names the folder for downloaded models (.cache/models).
Ctrl-C stops; a download goes on from where it was at the next start.`;

/** A mistake of the person who typed the command, told without a stack trace. */
export class UsageError extends Error {}

/** @typedef {{ kind: 'tiny' } | { kind: 'default' } | { kind: 'url', url: string } | { kind: 'path', path: string }} ModelChoice */
/** @typedef {{ port: number, strictPort: boolean, host: string, open: boolean, model: ModelChoice, ice: string | null, turn: string | null, turnSecretFile: string | null, help: boolean }} StartOptions `ice`: JSON, or the path of a file with it */

/**
 * @param {string} text what follows `--model`
 * @returns {ModelChoice}
 */
export function parseModel(text) {
  if (text === 'tiny') return { kind: 'tiny' };
  if (text === DEFAULT_MODEL) return { kind: 'default' };
  if (!/^https?:\/\//i.test(text)) return { kind: 'path', path: text };
  if (!URL.canParse(text)) throw new UsageError(`--model ${text} is not a URL that can be read.`);
  return { kind: 'url', url: text };
}

/**
 * @param {string} text
 * @returns {number}
 */
function parsePort(text) {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= 65535)) throw new UsageError(`--port takes a number from 0 to 65535, not "${text}".`);
  return port;
}

/**
 * @param {string[]} args without `node` and the script
 * @returns {StartOptions}
 */
export function parseStartOptions(args) {
  const values = parse(args);
  return {
    port: parsePort(values.port),
    strictPort: values['strict-port'],
    host: values.host,
    open: !values['no-open'],
    model: parseModel(values.model),
    ice: values.ice ?? null,
    turn: values.turn ?? null,
    turnSecretFile: values['turn-secret-file'] ?? null,
    help: values.help,
  };
}

/** @param {string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: 'string', default: String(DEFAULT_PORT) },
        'strict-port': { type: 'boolean', default: false },
        host: { type: 'string', default: 'localhost' },
        model: { type: 'string', default: DEFAULT_MODEL },
        ice: { type: 'string' },
        turn: { type: 'string' },
        'turn-secret-file': { type: 'string' },
        'no-open': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    // parseArgs explains itself in one sentence, and adds hints about `--` that don't apply here.
    const [sentence] = /** @type {Error} */ (error).message.split('. ');
    throw new UsageError(`${sentence?.replace(/\.?$/, '.')} \`npm start -- --help\` lists the options.`, { cause: error });
  }
}
