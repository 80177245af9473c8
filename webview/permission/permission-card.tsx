import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { PageWord } from '#shared/page-words.ts';
import type { PermissionRequest } from '#shared/permission.ts';
import { Button } from '../controls/button.tsx';
import { useChat } from '../controls/chat-context.ts';
import { Icon } from '../controls/icon.tsx';
import { iconOf } from '../tool-cards/summary.ts';
import { type Answer, answerOf, hearsKey, onlyMoves } from './key-guard.ts';
import { Because, Saves } from './reasons.tsx';
import { RejectMessage } from './reject-message.tsx';
import { Subject } from './subject.tsx';
import './permission.css';

interface PermissionCardProps {
  readonly request: PermissionRequest;
  /** How many requests wait, this one included. */
  readonly total: number;
}

/**
 * Asks for one permission in the place of the tool's line. Takes no focus; keys act only while the focus is in it,
 * and not in its first moments.
 */
export function PermissionCard({ request, total }: PermissionCardProps) {
  const { say, post } = useChat();
  const [answered, setAnswered] = useState(false);
  const shownAt = useRef(0);
  const id = useId();
  useLayoutEffect(() => {
    shownAt.current = performance.now();
  }, [request.id]);

  const reply = (type: Answer, message = '') => {
    if (answered) return;
    setAnswered(true);
    post({
      type: 'permission.reply',
      sessionID: request.sessionID,
      id: request.id,
      reply: message === '' ? { type } : { type, message },
    });
  };
  const offersAlways = request.always.length > 0;
  const guardKeys = (event: KeyboardEvent) => {
    const moment = { shownAt: shownAt.current, at: event.timeStamp, repeat: event.repeat };
    if (onlyMoves(event.key) || isText(event.target) || hearsKey(moment)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const guardClicks = (event: MouseEvent) => {
    // A click without a pointer is a key on a button.
    const byKey = event.detail === 0;
    if (!byKey || hearsKey({ shownAt: shownAt.current, at: event.timeStamp, repeat: false })) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isText(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const answer = answerOf(event.key, offersAlways);
    if (answer === undefined) return;
    event.preventDefault();
    reply(answer);
  };

  return (
    <div
      class="permission"
      role="alertdialog"
      aria-label={say('permission.label')}
      aria-describedby={id}
      tabIndex={-1}
      onKeyDownCapture={guardKeys}
      onClickCapture={guardClicks}
      onKeyDown={onKeyDown}
    >
      <Head request={request} total={total} />
      <div id={id} class="permission-body">
        <Subject request={request} />
        <Because request={request} />
      </div>
      <Actions offersAlways={offersAlways} answered={answered} reply={reply} />
      <Saves request={request} />
    </div>
  );
}

interface ActionsProps {
  readonly offersAlways: boolean;
  readonly answered: boolean;
  readonly reply: (type: Answer, message?: string) => void;
}

/** The four answers, in the order of the keys 1 to 4; a rejection can carry a word to the model. */
function Actions({ offersAlways, answered, reply }: ActionsProps) {
  const { say } = useChat();
  const [explaining, setExplaining] = useState(false);
  return (
    <>
      <div class="permission-actions" title={say('permission.keys')}>
        <Button kind="primary" disabled={answered} onClick={() => reply('once')}>
          {say('permission.once')}
        </Button>
        {offersAlways ? (
          <Button kind="text" disabled={answered} onClick={() => reply('always')}>
            {say('permission.always')}
          </Button>
        ) : null}
        <span class="permission-reject">
          <Button kind="text" disabled={answered} onClick={() => reply('reject')}>
            {say('permission.reject')}
          </Button>
          <Button
            kind="icon"
            label={say('permission.explain')}
            title={say('permission.explain')}
            expanded={explaining}
            onClick={() => setExplaining(!explaining)}
          >
            <Icon name="chevron-down" />
          </Button>
        </span>
        <Button kind="text" disabled={answered} onClick={() => reply('never')}>
          {say('permission.never')}
        </Button>
      </div>
      {explaining ? <RejectMessage onSend={(message) => reply('reject', message)} /> : null}
    </>
  );
}

function Head({ request, total }: PermissionCardProps) {
  const { say } = useChat();
  const [word, args] = titleOf(request);
  return (
    <div class="permission-head">
      <Icon name={iconOf(request.tool.name)} />
      <strong class="permission-title">{say(word, args)}</strong>
      {total > 1 ? <span class="meta">{say('permission.count', [1, total])}</span> : null}
    </div>
  );
}

function titleOf({ permission, tool }: PermissionRequest): readonly [PageWord, readonly string[]] {
  if (tool.name === 'write' && permission === 'edit') return ['permission.title.write', []];
  const word = titles[permission];
  return word === undefined ? ['permission.title.other', [tool.name]] : [word, []];
}

const titles: Readonly<Record<string, PageWord>> = {
  edit: 'permission.title.edit',
  shell: 'permission.title.shell',
  bash: 'permission.title.shell',
  read: 'permission.title.read',
  external_directory: 'permission.title.external',
};

function isText(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}
