import { useState } from 'preact/hooks';
import type { ToolPart } from '#shared/part.ts';
import type { PermissionRequest } from '#shared/permission.ts';
import { useChat } from '../controls/chat-context.ts';
import { FileLink } from '../controls/file-link.tsx';
import { shortPath } from '../controls/format.ts';
import { Icon } from '../controls/icon.tsx';
import { memo } from '../controls/memo.ts';
import { withoutEscapes } from '../controls/visible.ts';
import { VisibleText } from '../controls/visible-text.tsx';
import { PermissionCard } from '../permission/permission-card.tsx';
import { ToolDetails } from './details.tsx';
import { ToolResult } from './result.tsx';
import { iconOf, subjectOf, type ToolSubject } from './summary.ts';
import './tool-card.css';

interface ToolCardProps {
  readonly part: ToolPart;
  /** The request that this call waits for. */
  readonly request: PermissionRequest | null;
  /** The request's card is the one that stands open. */
  readonly isActive: boolean;
  /** How many requests wait in all. */
  readonly waiting: number;
}

/** A tool call: one quiet line that opens to its details, or the permission card in the same place. */
export const ToolCard = memo(({ part, request, isActive, waiting }: ToolCardProps) => {
  const { directory } = useChat();
  const [open, setOpen] = useState(false);
  const subject = subjectOf(part);
  const name = [part.tool, nameOf(subject, directory)].filter((word) => word !== '').join(' ');
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <div class={`tool tool-${part.state.status}`} role="group" aria-label={name}>
      {request && isActive ? (
        <PermissionCard key={request.id} request={request} total={waiting} />
      ) : (
        <>
          <ToolLine
            part={part}
            subject={subject}
            waiting={request !== null}
            open={open}
            onToggle={() => setOpen(!open)}
          />
          {open ? <ToolDetails part={part} /> : <Tail part={part} />}
        </>
      )}
    </div>
  );
});

function ToolLine(props: {
  readonly part: ToolPart;
  readonly subject: ToolSubject;
  readonly waiting: boolean;
  readonly open: boolean;
  readonly onToggle: () => void;
}) {
  const { part, subject, waiting, open, onToggle } = props;
  return (
    <div class="tool-line">
      <button type="button" class="quiet tool-toggle" aria-expanded={open} onClick={onToggle}>
        <Icon name={iconOf(part.tool)} />
        <span class="tool-name">{part.tool}</span>
        {subject.type === 'text' ? (
          <span
            class={subject.isCode ? 'tool-subject tool-code' : 'tool-subject'}
            dir="auto"
            title={subject.text}
          >
            <VisibleText text={subject.text} />
          </span>
        ) : null}
      </button>
      {subject.type === 'file' ? (
        <FileLink path={subject.path} line={subject.line} range={subject.range} />
      ) : null}
      <ToolResult part={part} waiting={waiting} />
    </div>
  );
}

/** The newest lines of a command that runs; gone when it ends, since the line says how. */
function Tail({ part }: { readonly part: ToolPart }) {
  const { state } = part;
  const tail = state.status === 'running' ? state.metadata?.tail : undefined;
  if (tail === undefined || tail.trim() === '') return null;
  const lines = withoutEscapes(tail).trimEnd().split('\n').slice(-tailLines);
  return (
    <pre class="tool-tail" aria-hidden="true" dir="ltr">
      {lines.join('\n')}
    </pre>
  );
}

const tailLines = 4;

function nameOf(subject: ToolSubject, directory: string): string {
  if (subject.type === 'file') return `${shortPath(subject.path, directory)}${subject.range}`;
  return subject.type === 'text' ? subject.text : '';
}
