import { describe, expect, it } from 'vitest';
import { parseStartOptions, UsageError } from './options.mjs';

describe('the options of npm start', () => {
  it('have defaults', () => {
    expect(parseStartOptions([])).toEqual({ port: 8402, strictPort: false, host: 'localhost', open: true, model: { kind: 'default' }, ice: null, turn: null, turnSecretFile: null, help: false });
  });

  it('are read', () => {
    const options = parseStartOptions(['--port', '9000', '--host', '0.0.0.0', '--no-open', '--strict-port', '--model', 'tiny', '--ice', 'turn.json', '--turn', 'turn:a', '--turn-secret-file', 'f']);
    expect(options).toMatchObject({ port: 9000, host: '0.0.0.0', open: false, strictPort: true, model: { kind: 'tiny' }, ice: 'turn.json', turn: 'turn:a', turnSecretFile: 'f' });
  });

  it('take a model by name, path or URL', () => {
    expect(parseStartOptions(['--model', 'smollm2-135m']).model).toEqual({ kind: 'default' });
    expect(parseStartOptions(['--model', './a.gguf']).model).toEqual({ kind: 'path', path: './a.gguf' });
    expect(parseStartOptions(['--model', 'https://a.example/b.gguf']).model).toEqual({ kind: 'url', url: 'https://a.example/b.gguf' });
  });

  it.each([[['--prot', '1']], [['extra']], [['--port', 'many']], [['--port', '70000']], [['--port']], [['--model', 'https://']]])('refuse %j with a sentence', (args) => {
    expect(() => parseStartOptions(args)).toThrow(UsageError);
  });
});
