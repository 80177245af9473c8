import type { ComponentChildren } from 'preact';
import type { ToolPart } from '#shared/part.ts';
import { useChat } from '../controls/chat-context.ts';
import { Diff } from '../controls/diff.tsx';
import { FileLink } from '../controls/file-link.tsx';
import { Phrase } from '../controls/phrase.tsx';
import { withoutEscapes } from '../controls/visible.ts';
import { VisibleText } from '../controls/visible-text.tsx';

/** What a tool's line opens to: the diff of an edit, the output of a command, else what went in and came out. */
export function ToolDetails({ part }: { readonly part: ToolPart }) {
  const { say } = useChat();
  const { state } = part;
  const metadata = 'metadata' in state ? state.metadata : undefined;
  const diff = metadata?.diff;
  const command = state.input['command'];
  const output = outputOf(state, metadata?.tail);
  return (
    <div class="tool-details">
      {typeof command === 'string' ? (
        <Text label={say('tool.command')} text={command} />
      ) : diff === undefined ? (
        <Text label={say('tool.input')} text={inputText(state)} />
      ) : (
        <Diff diff={diff} label={say('tool.changes')} />
      )}
      {state.status === 'error' ? <Text label={say('tool.error')} text={state.error} /> : null}
      {output !== undefined && diff === undefined ? (
        <Text label={say('tool.output')} text={output === '' ? say('tool.nothing') : output} />
      ) : null}
      {state.status === 'completed' && state.time.compacted !== undefined ? (
        <p class="meta">{say('tool.compacted')}</p>
      ) : null}
      {metadata?.outputPath === undefined ? null : (
        <p class="meta">
          <Phrase word="tool.truncated" args={[<FileLink key="file" path={metadata.outputPath} />]} />
        </p>
      )}
      {metadata?.outputLost === true ? <p class="meta">{say('tool.lost')}</p> : null}
    </div>
  );
}

function outputOf(state: ToolPart['state'], tail: string | undefined): string | undefined {
  return withoutEscapes(state.status === 'completed' ? state.output : (tail ?? '')) || undefined;
}

function inputText(state: ToolPart['state']): string {
  if (state.status === 'pending' && state.raw !== '') return state.raw;
  return JSON.stringify(state.input, null, 2);
}

function Text({ label, text }: { readonly label: string; readonly text: string }): ComponentChildren {
  return (
    <div class="tool-text" dir="ltr">
      <div class="meta">{label}</div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <pre tabIndex={0}>
        <VisibleText text={text} />
      </pre>
    </div>
  );
}
