import type { Token } from 'markdown-it';
import { type ComponentChild, h } from 'preact';
import { CodeBlock } from './code-block.tsx';
import { MarkdownLink } from './markdown-link.tsx';

/**
 * Markdown tokens as Preact nodes. Only the elements named here can come out, with the attributes named here; text
 * becomes text nodes, so nothing that a model writes is ever read as HTML.
 */
export function drawTokens(tokens: readonly Token[]): readonly ComponentChild[] {
  const root: Frame = { token: null, children: [], parent: null };
  let top = root;
  let tooDeep = 0;
  for (const token of tokens) {
    if (token.nesting === 0) top.children.push(drawLeaf(token));
    else if (token.nesting === 1 && (token.level >= deepest || tooDeep > 0)) tooDeep += 1;
    else if (token.nesting === 1) top = { token, children: [], parent: top };
    else if (tooDeep > 0) tooDeep -= 1;
    else if (top.parent) {
      top.parent.children.push(drawFrame(top));
      top = top.parent;
    }
  }
  return root.children;
}

/** Drawing recurses: thousands of nested emphases are drawn flat instead of exhausting the stack. */
const deepest = 60;

interface Frame {
  readonly token: Token | null;
  readonly children: ComponentChild[];
  readonly parent: Frame | null;
}

/** Element names that a container token may become; a heading is pushed below the turn's own. */
const containers: Readonly<Record<string, string>> = {
  p: 'p',
  ul: 'ul',
  ol: 'ol',
  li: 'li',
  blockquote: 'blockquote',
  em: 'em',
  strong: 'strong',
  s: 's',
  thead: 'thead',
  tbody: 'tbody',
  tr: 'tr',
  th: 'th',
  td: 'td',
  h1: 'h3',
  h2: 'h4',
  h3: 'h5',
  h4: 'h6',
  h5: 'h6',
  h6: 'h6',
};

function drawFrame({ token, children }: Frame): ComponentChild {
  if (!token || token.hidden) return h('span', { class: 'tight' }, children);
  if (token.type === 'link_open') return h(MarkdownLink, { href: attribute(token, 'href') }, children);
  if (token.type === 'table_open') {
    return h('div', { class: 'md-table', tabIndex: 0 }, h('table', null, children));
  }
  const element = containers[token.tag];
  if (element === undefined) return h('span', null, children);
  return h(element, attributesOf(token), children);
}

function attributesOf(token: Token): Readonly<Record<string, string | number>> {
  if (token.type === 'ordered_list_open') {
    const start = Number(attribute(token, 'start'));
    return Number.isSafeInteger(start) && start > 1 ? { start } : {};
  }
  if (token.tag === 'th' || token.tag === 'td') {
    const [, align] = cellAlign.exec(attribute(token, 'style')) ?? [];
    return align === undefined ? {} : { class: `align-${align}` };
  }
  return blocksWithDirection.has(token.tag) ? { dir: 'auto' } : {};
}

const cellAlign = /^text-align:(left|center|right)$/u;
const blocksWithDirection = new Set(['p', 'ul', 'ol', 'blockquote', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6']);

function drawLeaf(token: Token): ComponentChild {
  switch (token.type) {
    case 'inline':
      return drawTokens(token.children ?? []);
    case 'code_inline':
      return h('code', null, token.content);
    case 'fence':
    case 'code_block':
      return h(CodeBlock, { code: token.content, language: languageOf(token.info) });
    case 'softbreak':
      return '\n';
    case 'hardbreak':
      return h('br', null);
    case 'hr':
      return h('hr', null);
    case 'image':
      // Nothing is loaded from anywhere: an image is its description, leading to its address.
      return h(MarkdownLink, { href: attribute(token, 'src') }, token.content || attribute(token, 'src'));
    default:
      return token.content;
  }
}

/** The first word of a fence's info string. */
function languageOf(info: string): string {
  return info.trim().split(afterLanguage, 1)[0]?.slice(0, 24) ?? '';
}

const afterLanguage = /[\s{,:]/u;

function attribute(token: Token, name: string): string {
  return String(token.attrGet(name) ?? '');
}
