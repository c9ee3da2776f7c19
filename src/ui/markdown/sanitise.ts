/**
 * From a block of Markdown to nodes that are safe to show. The one place where a model's words become elements.
 *
 * Three walls: the lexer takes raw HTML for text (`blocks.ts`), DOMPurify lets through a short list of tags and
 * attributes, and the page's policy runs no inline script. Links lead to http, https and mailto only, in a new tab that
 * can't reach back. Images are never loaded, since asking a host for one would tell it about the conversation.
 */
import DOMPurify, { type Config } from 'dompurify';
import type { Tokens } from 'marked';
import { markdown } from './blocks.ts';

const LINK = /^(?:https?:|mailto:)/i;
const CLASSES: Readonly<Record<string, RegExp>> = { code: /^language-[^\s<>"']{1,40}$/, h3: /^depth-[1-6]$/ };

const config = {
  ALLOWED_TAGS: [
    'a', 'blockquote', 'br', 'code', 'del', 'em', 'h3', 'hr', 'li', 'ol', 'p', 'pre', 'strong',
    'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul',
  ],
  ALLOWED_ATTR: ['href', 'title', 'start', 'align', 'class'],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: LINK,
  // That expression is asked about every attribute; these hold no address.
  ADD_URI_SAFE_ATTR: ['title', 'start', 'align', 'class'],
  RETURN_DOM_FRAGMENT: true,
} satisfies Config;

// An instance of our own: hooks on the shared one would act on everybody's documents.
const purifier = DOMPurify(window);
purifier.addHook('afterSanitizeAttributes', (node) => {
  if (node.hasAttribute('class') && !CLASSES[node.localName]?.test(node.className)) node.removeAttribute('class');
  if (node.localName !== 'a') return;
  node.setAttribute('rel', 'noopener noreferrer nofollow');
  node.setAttribute('target', '_blank');
});

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

markdown.use({
  renderer: {
    // Below the page's own h1 and h2, and all on one level: models skip levels, which would leave holes in the outline.
    heading({ tokens, depth }: Tokens.Heading): string {
      return `<h3 class="depth-${depth}">${this.parser.parseInline(tokens)}</h3>`;
    },
    image({ href, text }: Tokens.Image): string {
      const label = escape(text || href);
      return LINK.test(href) ? `<a href="${escape(href)}">Image: ${label}</a>` : `Image: ${label}`;
    },
    checkbox: ({ checked }: Tokens.Checkbox): string => (checked ? '☑ ' : '☐ '),
    html: ({ text }: Tokens.HTML | Tokens.Tag): string => escape(text),
  },
});

/** @param source one block, or any Markdown. */
export function renderSafely(source: string): DocumentFragment {
  return purifier.sanitize(markdown.parse(source, { async: false }), config);
}
