import { Violation } from '#host/store/testing/oracle.ts';
import type { MessageID } from '#shared/ids.ts';
import type { MessageWithParts } from '#shared/session.ts';
import type { HostView } from './host-lines.ts';

/** What the parent knows of one session: prompts, and the requests that the model got. */
export class HostLedger {
  readonly #prompted = new Set<MessageID>();
  readonly #acknowledged = new Set<MessageID>();
  /** Turns that are known, by the ids of their messages. */
  #turns = new Set<string>();

  prompt(id: MessageID): void {
    this.#prompted.add(id);
  }

  acknowledge(id: MessageID): void {
    this.#acknowledged.add(id);
  }

  isAcknowledged(id: MessageID): boolean {
    return this.#acknowledged.has(id);
  }

  /**
   * Right after an opening, before anybody did anything.
   * @param requests that the model got since the last look.
   * @throws Violation
   */
  checkOpened(view: HostView, requests: number): void {
    this.#checkPrompts(view);
    this.#checkTurns(view, requests);
    const open = turnsOf(view).filter(isOpen);
    const mayBeOpen = view.asked.length > 0 || view.isBusy;
    if (open.length > (mayBeOpen ? 1 : 0)) throw new Violation(`${open.length} turns are left open`);
    const alarm = view.notices.find((code) => code !== 'store.torn');
    if (alarm !== undefined) throw new Violation(`a false alarm: ${alarm}`);
  }

  /** When nothing runs any more and the user went on: every prompt is answered, once. */
  checkDone(view: HostView, requests: number): void {
    this.#checkPrompts(view);
    this.#checkTurns(view, requests);
    if (view.inbox.length > 0) throw new Violation('prompts wait, and nothing runs');
    const last = turnsOf(view).at(-1);
    if (last === undefined) return;
    if (last.info.role === 'assistant' && last.info.finish !== 'stop')
      throw new Violation(
        `Continue did not come to an end: ${JSON.stringify(last.info.error ?? last.info.finish)}`,
      );
    if (turnsOf(view).some(isOpen)) throw new Violation('a turn is open, and nothing runs');
  }

  #checkPrompts({ inbox, messages }: HostView): void {
    const places = [
      ...inbox,
      ...messages.filter(({ info }) => info.role === 'user').map(({ info }) => info.id),
    ];
    for (const id of this.#prompted) {
      const count = places.filter((each) => each === id).length;
      if (count > 1) throw new Violation(`${id} is there ${count} times`);
      if (count === 0 && this.#acknowledged.has(id))
        throw new Violation(`${id} was acknowledged and is lost`);
      // What is there goes on, whether its surface was told or not.
      if (count === 1) this.#acknowledged.add(id);
    }
  }

  /** Each request belongs to a turn that was durable before, and no turn has two. */
  #checkTurns(view: HostView, requests: number): void {
    const turns = turnsOf(view).map(({ info }) => info.id);
    // A summary's request offers no tools and is not among them.
    const answers = turnsOf(view).filter(({ info }) => info.role === 'assistant' && info.summary !== true);
    const fresh = answers.filter(({ info }) => !this.#turns.has(info.id));
    if (requests > fresh.length)
      throw new Violation(`${requests} requests to the model, and ${fresh.length} turns that are kept`);
    if ([...this.#turns].some((id) => !turns.some((each) => each === id)))
      throw new Violation('a turn is lost');
    this.#turns = new Set(turns);
  }
}

function turnsOf({ messages }: HostView): readonly MessageWithParts[] {
  return messages.filter(({ info }) => info.role === 'assistant');
}

function isOpen({ info }: MessageWithParts): boolean {
  return info.role === 'assistant' && info.time.completed === undefined;
}

/** Whether the user has something to go on with: a prompt that waits, or a turn that was cut off. */
export function wantsContinue(view: HostView): boolean {
  const last = view.messages.at(-1);
  if (view.inbox.length > 0) return true;
  return last !== undefined && (last.info.role === 'user' || last.info.finish !== 'stop');
}
