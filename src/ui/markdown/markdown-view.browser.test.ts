import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { MarkdownView } from './markdown-view.ts';
import './markdown-view.ts';

const nextFrame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));

async function show(view: MarkdownView, text: string): Promise<ShadowRoot> {
  view.text = text;
  await view.updateComplete;
  while (!view.complete) {
    await nextFrame();
    await view.updateComplete;
  }
  return view.shadowRoot!;
}
const mount = (): MarkdownView => document.body.appendChild(document.createElement('markdown-view'));
/** What a reader gets: tags, the attributes that matter, text. Lit's comment markers aside. */
const drawn = (root: ShadowRoot): string =>
  [...root.querySelectorAll<HTMLElement>(':host > *, .block, code-block')]
    .filter((element) => element.localName === 'code-block' || element.className.includes('block'))
    .map((element) => (element.localName === 'code-block' ? JSON.stringify([(element as HTMLElementTagNameMap['code-block']).code, (element as HTMLElementTagNameMap['code-block']).language]) : element.outerHTML))
    .join('\n');

const sample = [
  '# Title', '', 'Some **bold** and `code`, a [link](https://a.b).', '', '1. one', '2. two', '', '   more of two', '', '3', '. x', '',
  '- [x] done', '- [ ] open', '', '| a | b |', '|---|--:|', '| 1<br>2 | 3 |', '', '> quote', '> ```js', '> let a', '> ```', '', '```python', 'print(1)', '',
  'print(2)', '```', '', 'end',
].join('\n');

describe('hostile output', () => {
  afterEach(() => document.body.replaceChildren());

  const attacks: readonly string[] = [
    '<script>globalThis.pwned = true</script>',
    '<img src=x onerror="globalThis.pwned = true">',
    '<svg onload="globalThis.pwned = true"><script>globalThis.pwned = true</script></svg>',
    '<iframe srcdoc="<script>parent.pwned = true</script>"></iframe>',
    '<a href="javascript:globalThis.pwned = true">x</a>',
    '<form action="https://evil.example"><button>go</button></form>',
    '<style>*{display:none}</style>',
    '<math><mtext></form><form><mglyph><style></math><img src onerror=globalThis.pwned=true>',
    '[x](javascript:globalThis.pwned=true)',
    '[x](JaVaScRiPt:globalThis.pwned=true)',
    '[x](java&#x0A;script:globalThis.pwned=true)',
    '[x](&#106;avascript:globalThis.pwned=true)',
    '[x](vbscript:msgbox)',
    '[x](data:text/html,<script>globalThis.pwned=true</script>)',
    '[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)',
    '[x](blob:https://a/b) [y](file:///etc/passwd) [z](//evil.example)',
    '<javascript:alert(1)>',
    '![x](javascript:globalThis.pwned=true)',
    '![x" onerror="globalThis.pwned=true](https://a.b/c.png)',
    '![x](https://a.b/c.png"onerror="globalThis.pwned=true)',
    '[x](https://a.b "t\\" onmouseover=\\"globalThis.pwned=true")',
    '```"><img src=x onerror=globalThis.pwned=true>\ncode\n```',
    '- ```js"onload="x\n  <script>globalThis.pwned=true</script>\n  ```',
    '| <img src=x onerror=globalThis.pwned=true> |\n|---|\n| <svg/onload=globalThis.pwned=true> |',
    '# <script>globalThis.pwned=true</script>',
    '<br onclick=globalThis.pwned=true>',
    '\u0000<scr\u0000ipt>globalThis.pwned=true</script>',
    '<!--><img src=x onerror=globalThis.pwned=true>-->',
    '<![CDATA[<script>globalThis.pwned=true</script>]]>',
  ];
  const allowed = new Set(['a', 'blockquote', 'br', 'code', 'code-block', 'del', 'div', 'em', 'h3', 'h4', 'h5', 'h6', 'hr', 'li', 'ol', 'p', 'strong', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul']);
  const attributes = new Set(['class', 'dir', 'href', 'rel', 'target', 'title', 'align', 'start', 'role', 'aria-label', 'tabindex']);

  const assertHarmless = async (source: string): Promise<void> => {
    const root = await show(mount(), source);
    for (const element of root.querySelectorAll('*')) {
      expect(allowed, `${element.localName} from ${source}`).toContain(element.localName);
      for (const { name } of element.attributes) expect(attributes, `${name} from ${source}`).toContain(name);
      if (element.localName !== 'a') continue;
      const href = element.getAttribute('href');
      if (href !== null) expect(href).toMatch(/^(https?:|mailto:)/i);
      expect(element.getAttribute('rel')).toBe('noopener noreferrer nofollow');
      expect(element.getAttribute('target')).toBe('_blank');
    }
    expect((globalThis as { pwned?: boolean }).pwned).toBeUndefined();
  };

  it.each(attacks)('is harmless: %s', assertHarmless);

  it('is harmless in any mixture', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.constantFrom(...attacks), fc.string({ maxLength: 6 })), { maxLength: 6 }), async (parts) => {
        document.body.replaceChildren();
        await assertHarmless(parts.join(''));
      }),
      { numRuns: 150 },
    );
  });

  it('asks no host for an image', async () => {
    const root = await show(mount(), 'See ![the plan](https://tracker.example/p.png) and ![](https://tracker.example/q.png)');
    expect(root.querySelector('img')).toBeNull();
    expect([...root.querySelectorAll('a')].map((a) => a.textContent)).toEqual(['Image: the plan', 'Image: https://tracker.example/q.png']);
  });

  it('shows tags as the text that they are', async () => {
    const root = await show(mount(), 'Use <b>bold</b> & <script>x</script>.');
    expect(root.querySelector('p')!.textContent).toBe('Use <b>bold</b> & <script>x</script>.');
  });
});

describe('drawing', () => {
  afterEach(() => document.body.replaceChildren());

  it('draws a growing text as it draws the whole', async () => {
    const whole = drawn(await show(mount(), sample));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 }), async (steps) => {
        const view = mount();
        let end = 0;
        for (const step of steps) await show(view, sample.slice(0, (end += step)));
        expect(drawn(await show(view, sample))).toBe(whole);
        view.remove();
      }),
      { numRuns: 40 },
    );
  });

  it('keeps what gives lists, tables and nested code their form', async () => {
    const root = await show(mount(), '3. three\n\n   ```rust\n   let a;\n   ```\n\n| a |\n|--:|\n| 1 |\n\n[t](https://a.b "title")');
    expect(root.querySelector('ol')!.getAttribute('start')).toBe('3');
    expect(root.querySelector('td')!.getAttribute('align')).toBe('right');
    expect(root.querySelector('code-block')!.language).toBe('rust');
    expect(root.querySelector('a')!.title).toBe('title');
  });

  it('keeps the nodes above while text arrives', async () => {
    const view = mount();
    const root = await show(view, 'first\n\nsecond\n\n```js\na');
    const [paragraph, code] = [root.querySelector('.block'), root.querySelector('code-block')];
    await show(view, 'first\n\nsecond\n\n```js\na = 1');
    expect(root.querySelector('.block')).toBe(paragraph);
    expect(root.querySelector('code-block')).toBe(code);
    expect(root.querySelector('code-block')!.code).toBe('a = 1');
  });

  it('draws text that replaced the text', async () => {
    const view = mount();
    await show(view, 'one\n\ntwo');
    expect((await show(view, 'three')).textContent.trim()).toBe('three');
  });
});

// Time itself is measured by the bench, on a quiet machine; here the work that takes it is counted.
describe('drawing a long answer', () => {
  const page = `${sample}\n\n`;
  const long = page.repeat(Math.ceil(100_000 / page.length));
  /** How much of it was drawn after each step. */
  const sizes: number[] = [];
  let view: MarkdownView;

  // Drawing it takes seconds, so it is drawn once.
  beforeAll(async () => {
    view = mount();
    view.text = long;
    do {
      await nextFrame();
      await view.updateComplete;
      sizes.push(view.shadowRoot!.querySelectorAll('.block, code-block').length);
    } while (!view.complete);
  });
  afterAll(() => view.remove());

  it('shows a stored answer of 100 KB in steps', () => {
    expect(sizes.length).toBeGreaterThan(12);
    const steps = sizes.map((size, index) => size - (sizes[index - 1] ?? 0));
    expect(Math.max(...steps)).toBeLessThan(200);
  });

  it('makes few nodes anew for each batch of a long answer', async () => {
    let made = 0;
    const observer = new MutationObserver((records) => (made += records.reduce((sum, { addedNodes }) => sum + addedNodes.length, 0)));
    observer.observe(view.shadowRoot!, { childList: true });
    let text = long;
    for (let batch = 0; batch < 100; batch += 1) await show(view, (text += 'word '));
    await nextFrame();
    observer.disconnect();
    expect(made).toBeLessThanOrEqual(300);
  });
});
