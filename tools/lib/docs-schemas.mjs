/** The schemas that the protocol is made of, loaded together, so that one schema is one object wherever it is used. */
export * from '../../src/protocol/limits.ts';
export * from '../../src/protocol/messages.ts';
export * from '../../src/protocol/peer-schema.ts';
export * from '../../src/protocol/request.ts';
export * from '../../src/protocol/task-schema.ts';
