import { useRef } from 'preact/hooks';
import { memo } from '../controls/memo.ts';
import { advance, blocksOf, emptyMarkdown, type MarkdownBlock } from './markdown-blocks.ts';
import { drawTokens } from './markdown-tree.ts';
import './markdown.css';

/** A model's Markdown. While it streams only the last block is parsed and drawn again. */
export const Markdown = memo(({ text, open }: { readonly text: string; readonly open: boolean }) => {
  const cache = useRef(emptyMarkdown);
  // A link's definition may stand below its use: once the text is whole it is read in one go.
  const whole = !open && definition.test(text) && cache.current.closed.length > 0;
  cache.current = advance(whole ? emptyMarkdown : cache.current, text);
  return (
    <div class={open ? 'md md-open' : 'md'}>
      {blocksOf(cache.current).map((block, index) => (
        // Blocks are only ever added at the end.
        <Block key={index} block={block} />
      ))}
    </div>
  );
});

const definition = /^ {0,3}\[[^\]\n]+\]:/mu;

const Block = memo(({ block }: { readonly block: MarkdownBlock }) => <>{drawTokens(block.tokens)}</>);
