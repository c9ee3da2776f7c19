import { describe, expect, it } from 'vitest';
import { explainFailure } from './explain-failure.ts';

const walls = (page: string, server: string): string[] => explainFailure(page, server).map(({ wall }) => wall);

describe('a server that does not answer', () => {
  it.each([
    // Served by the same host: nothing but the server itself.
    ['http://localhost:8080/', 'http://localhost:8080', ['not-running']],
    ['http://localhost:4173/', 'http://localhost:8080', ['not-running', 'cors']],
    ['http://192.168.1.2:4173/', 'http://192.168.1.3:8080', ['not-running', 'cors']],
    ['https://llambo.example/', 'https://api.example/api', ['not-running', 'cors']],
    // Browsers treat this machine as safe, except Safari; Chrome asks first.
    ['https://llambo.example/', 'http://localhost:11434', ['not-running', 'mixed-content', 'local-network', 'cors']],
    ['https://llambo.example/', 'https://localhost:11434', ['not-running', 'local-network', 'cors']],
    ['https://llambo.example/', 'http://192.168.1.3:8000', ['not-running', 'mixed-content', 'local-network', 'cors']],
    ['https://llambo.example/', 'http://api.example', ['not-running', 'mixed-content', 'cors']],
    // From this machine's own pages to its network nobody asks.
    ['http://localhost:4173/', 'http://192.168.1.3:8000', ['not-running', 'cors']],
    ['http://192.168.1.2:4173/', 'http://localhost:8000', ['not-running', 'local-network', 'cors']],
    ['http://llambo.example/', 'http://192.168.1.3:8000', ['not-running', 'local-network', 'cors']],
  ])('from %s at %s: %j', (page, server, expected) => {
    expect(walls(page, server)).toEqual(expected);
  });

  it('is told how to let this page in, by name', () => {
    const cors = explainFailure('https://llambo.example/app/', 'https://gpu.example').at(-1)!;
    expect(cors.text).toContain('OLLAMA_ORIGINS=https://llambo.example.');
    expect(cors.text).toContain(`--allowed-origins '["https://llambo.example"]'`);
  });

  it('is blocked where it speaks http to a page of https, and allowed on this machine', () => {
    const mixed = (server: string): string => explainFailure('https://llambo.example/', server).find(({ wall }) => wall === 'mixed-content')!.text;
    expect(mixed('http://localhost:1')).toContain('Safari does not');
    expect(mixed('http://192.168.1.3')).toContain('Only Chrome and Edge');
    expect(mixed('http://api.example')).toContain('the browser blocks');
  });
});
