import { expect, it } from 'vitest';
import { checkModelUrl } from './model-url.ts';

it.each([
  ['https://a.example/m.gguf', 'https://a.example/m.gguf'],
  ['  https://a.example/m-00001-of-00003.GGUF?download=true ', 'https://a.example/m-00001-of-00003.GGUF?download=true'],
  ['http://localhost:8080/m.gguf', 'http://localhost:8080/m.gguf'],
  ['https://huggingface.co/o/r/blob/main/m.gguf', 'https://huggingface.co/o/r/resolve/main/m.gguf'],
])('takes %s', (text, url) => expect(checkModelUrl(text)).toEqual({ url }));

it.each(['', 'm.gguf', 'http://a.example/m.gguf', 'javascript:alert(1)//m.gguf', 'file:///m.gguf', 'https://u:p@a.example/m.gguf', 'https://a.example/', 'https://huggingface.co/o/r'])(
  'refuses "%s" and says why',
  (text) => expect(checkModelUrl(text)).toHaveProperty('wrong', expect.stringMatching(/\w{3,}/)),
);
