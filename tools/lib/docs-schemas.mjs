/// <reference types="vite/client" />
/**
 * The schemas that the protocol is made of, loaded together, so that one schema is one object wherever it is used. Vite
 * puts in the files that there are: a new `src/protocol/*-schema.ts` needs no mention here.
 */

/** @type {Record<string, Record<string, unknown>>} */
const modules = import.meta.glob('../../src/protocol/{limits,request,messages,grant,*-schema}.ts', { eager: true });

export const schemas = Object.assign({}, ...Object.values(modules));
