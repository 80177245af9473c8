import { useEffect, useState } from 'preact/hooks';
import { useChat } from '../controls/chat-context.ts';
import { CopyButton } from '../controls/copy-button.tsx';
import { type CodePiece, highlight } from './highlight.ts';

/** A block of code: its language, a copy button, and the text; wide lines scroll inside. */
export function CodeBlock({ code, language }: { readonly code: string; readonly language: string }) {
  const { say } = useChat();
  const text = code.endsWith('\n') ? code.slice(0, -1) : code;
  const pieces = useColours(text, language);
  return (
    <div class="code" dir="ltr">
      <div class="code-head">
        <span class="code-language">{language}</span>
        <CopyButton text={text} label={say('code.copy')} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>
          {pieces.map((piece, index) =>
            piece.type === 'plain' ? (
              piece.text
            ) : (
              <span key={index} class={`code-${piece.type}`}>
                {piece.text}
              </span>
            ),
          )}
        </code>
      </pre>
    </div>
  );
}

/** Colours come in idle time: while a block still grows it is plain, and typing never waits for them. */
function useColours(text: string, language: string): readonly CodePiece[] {
  const [done, setDone] = useState<{ readonly text: string; readonly pieces: readonly CodePiece[] } | null>(
    null,
  );
  useEffect(() => {
    const job = requestIdleCallback(() => setDone({ text, pieces: highlight(text, language) }));
    return () => cancelIdleCallback(job);
  }, [text, language]);
  return done?.text === text ? done.pieces : [{ type: 'plain', text }];
}
