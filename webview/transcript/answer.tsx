import { joinTexts } from '#shared/join-texts.ts';
import type { NativePart, Part } from '#shared/part.ts';
import type { PermissionRequest } from '#shared/permission.ts';
import type { MessageWithParts } from '#shared/session.ts';
import { Boundary } from '../controls/boundary.tsx';
import { useChat } from '../controls/chat-context.ts';
import { Icon } from '../controls/icon.tsx';
import { memo } from '../controls/memo.ts';
import { ToolCard } from '../tool-cards/tool-card.tsx';
import { Markdown } from './markdown.tsx';
import { Reasoning } from './reasoning.tsx';

interface AnswerProps {
  readonly message: MessageWithParts;
  /** Requests that wait for an answer and belong to tools of this message. */
  readonly requests: readonly PermissionRequest[];
  /** The request whose card is open, and how many wait in all. */
  readonly active: PermissionRequest | null;
  readonly waiting: number;
  /** The drain runs and this is its newest message. */
  readonly live: boolean;
}

/** One message that the user did not write. Parts that did not change are not drawn again. */
export const Answer = memo((props: AnswerProps) => {
  const { message, live } = props;
  const { info, parts } = message;
  if (info.role === 'user') return <ContextLine message={message} />;
  const open = live && info.time.completed === undefined;
  const drawn = joinTexts(parts.filter((part) => isDrawn(part)));
  return (
    <article aria-label={info.agent} class="answer" data-message={info.id}>
      {drawn.map((part, index) => (
        <Boundary key={part.id} version={part}>
          <AnswerPart {...props} part={part} live={open && index === drawn.length - 1} />
        </Boundary>
      ))}
    </article>
  );
});

function isDrawn(part: Part): boolean {
  const { type } = part;
  return (
    type === 'text' || type === 'reasoning' || type === 'tool' || (type === 'native' && part.text !== '')
  );
}

function AnswerPart({ part, live, ...rest }: AnswerProps & { readonly part: Part }) {
  switch (part.type) {
    case 'text':
      return part.text === '' ? null : (
        <Markdown text={part.text} open={live && part.time?.end === undefined} />
      );
    case 'reasoning':
      return <Reasoning part={part} live={live && part.time.end === undefined} />;
    case 'tool': {
      const request = rest.requests.find((each) => each.tool.callID === part.callID) ?? null;
      const isActive = request !== null && request.id === rest.active?.id;
      return (
        <ToolCard part={part} request={request} isActive={isActive} waiting={isActive ? rest.waiting : 0} />
      );
    }
    case 'native':
      return <NativeLine part={part} />;
    case 'retry':
    case 'step-finish':
    case 'context':
    case 'compaction':
      return null;
  }
}

/** What the provider did by itself, a search of the web: one quiet line. */
function NativeLine({ part: { name, text } }: { readonly part: NativePart }) {
  return (
    <p class="context-line">
      <Icon name="globe" />
      {`${name.slice(0, 1).toUpperCase()}${name.slice(1).replaceAll('_', ' ')}: ${text}`}
    </p>
  );
}

/** The host told the model that its surroundings changed: one quiet line. */
function ContextLine({ message }: { readonly message: MessageWithParts }) {
  const { say } = useChat();
  const sources = message.parts.flatMap((part) => (part.type === 'context' ? part.sources : []));
  if (sources.length === 0) return null;
  return (
    <p class="context-line">
      <Icon name="sync" />
      {say('transcript.context', [sources.join(', ')])}
    </p>
  );
}
