import type { SessionID } from '#shared/ids.ts';
import type { PermissionRequest } from '#shared/permission.ts';
import type { MessageWithParts } from '#shared/session.ts';
import { Boundary } from '../controls/boundary.tsx';
import { memo } from '../controls/memo.ts';
import { PermissionCard } from '../permission/permission-card.tsx';
import { textOf } from '../store/turns.ts';
import { Answer } from './answer.tsx';
import { FoldLine } from './fold-line.tsx';
import { PromptBox } from './prompt-box.tsx';
import { endPlace, isSummary } from './turn-end.ts';
import { TurnFooter } from './turn-footer.tsx';

interface TurnProps {
  readonly id: string;
  readonly prompt: MessageWithParts | null;
  readonly entries: readonly MessageWithParts[];
  /** All requests that wait; empty for turns they cannot belong to. */
  readonly requests: readonly PermissionRequest[];
  readonly running: boolean;
  readonly isLast: boolean;
  readonly sessionID: SessionID;
}

/** A prompt and its answer. The answer's messages follow one another without a seam. */
export const TurnView = memo((props: TurnProps) => {
  const { id, prompt, entries, requests, running, isLast, sessionID } = props;
  const [active = null] = requests;
  const text = prompt === null ? '' : textOf(prompt);
  const turn = { key: id, prompt, entries };
  const newest = entries.at(-1);
  const place = endPlace(turn, running);
  const draw = (message: MessageWithParts) => (
    <Boundary key={message.info.id} version={message}>
      {isSummary(message) ? (
        <FoldLine
          message={message}
          running={running && message === newest}
          isLast={isLast && message === newest}
        />
      ) : (
        <Answer
          message={message}
          requests={requests.filter((request) => request.tool.messageID === message.info.id)}
          active={active?.tool.messageID === message.info.id ? active : null}
          waiting={active?.tool.messageID === message.info.id ? requests.length : 0}
          live={running && message === newest}
        />
      )}
    </Boundary>
  );
  const footer = (
    <TurnFooter
      turn={turn}
      running={running}
      isLast={isLast}
      sessionID={sessionID}
      asking={active !== null}
    />
  );
  return (
    <section class={`turn${isLast ? ' turn-last' : ''}`}>
      {/* Read by those who walk the headings; named, not filled, so that the prompt is there once. */}
      {prompt ? <h2 class="visually-hidden" aria-label={excerpt(text)} /> : null}
      {prompt ? <PromptBox id={prompt.info.id} text={text} sessionID={sessionID} /> : null}
      {entries.slice(0, place).map(draw)}
      {place < entries.length ? footer : null}
      {entries.slice(place).map(draw)}
      {active && !hasTool(entries, active) ? (
        <PermissionCard key={active.id} request={active} total={requests.length} />
      ) : null}
      {place < entries.length ? null : footer}
    </section>
  );
});

/** A request stands in its tool's place; one whose tool is not on the screen stands at the end. */
function hasTool(entries: readonly MessageWithParts[], request: PermissionRequest): boolean {
  return entries.some(
    ({ info, parts }) =>
      info.id === request.tool.messageID &&
      parts.some((part) => part.type === 'tool' && part.callID === request.tool.callID),
  );
}

/** The first line of a prompt, short enough for a list of headings. */
function excerpt(text: string): string {
  const [line = ''] = text.trim().split('\n', 1);
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
