/**
 * The response headers under which the page runs everywhere: development, `npm start`, end-to-end tests.
 * Isolation (COOP, COEP) gives wasm threads. The policy names the least that wllama and Web Awesome run under:
 * `wasm-unsafe-eval` to compile wasm, `blob:` workers because wllama builds its worker from a string, inline style
 * attributes because Web Awesome sets them, `data:` connections because it reads bundled icons with fetch.
 * Models may come from any https address that the person names, so `connect-src` is open for https, and for wss because
 * whoever serves the page names signalling servers in `llambo.json`. Our own server's socket is `'self'`, without TLS too.
 * Open for http as well: servers that the person connects run on this machine or in this house, where nobody has certificates,
 * at addresses that a policy can't know. A page that came over https reaches those of this machine only, policy or not.
 */
const csp = {
  'default-src': ["'none'"],
  'script-src': ["'self'", "'wasm-unsafe-eval'"],
  'worker-src': ["'self'", 'blob:'],
  'style-src': ["'self'"],
  'style-src-attr': ["'unsafe-inline'"],
  'img-src': ["'self'", 'data:', 'blob:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'", 'https:', 'http:', 'wss:', 'blob:', 'data:'],
  'manifest-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
  'object-src': ["'none'"],
};

/**
 * @param {Record<string, string[]>} [more] sources to add per directive
 * @returns {string} the Content-Security-Policy
 */
export function contentSecurityPolicy(more = {}) {
  return Object.entries(csp)
    .map(([name, sources]) => [name, ...sources, ...(more[name] ?? [])].join(' '))
    .join('; ');
}

/** @type {Record<string, string>} */
export const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** @type {Record<string, string>} */
export const pageHeaders = {
  ...isolationHeaders,
  'Content-Security-Policy': contentSecurityPolicy(),
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};
