import { createHash } from 'node:crypto';
import type { Script, Step, Turn, When } from './script.ts';
import type { Conversation } from './wire.ts';

/** Which reply a request gets. Reads the request alone, so that reloads, retries and many sessions work side by side. */
export type Engine = {
  /** Model ids, for the list of models. */
  readonly models: readonly string[];
  /** The reply; null where no script knows the model. */
  answer(conversation: Conversation, body: string): Answer | null;
};

export type Answer =
  | { readonly type: 'reply'; readonly steps: readonly Step[] }
  | { readonly type: 'too-long'; readonly limit: number; readonly tokens: number };

const defaultTitle = 'Scripted conversation';

export function createEngine(scripts: readonly Script[]): Engine {
  const spent = new Map<string, number>();

  /** Turns with `times` are the one thing that is counted, by the bytes of the request. */
  const isLeft = (turn: Turn, key: string, body: string): boolean => {
    if (turn.times === undefined) return true;
    const id = `${key} ${createHash('sha256').update(body).digest('hex')}`;
    const used = spent.get(id) ?? 0;
    if (used >= turn.times) return false;
    spent.set(id, used + 1);
    return true;
  };

  const reply = (fitting: readonly Script[], conversation: Conversation, body: string): readonly Step[] => {
    const turns = fitting.flatMap((script, s) => script.turns.map((turn, t) => ({ turn, key: `${s}.${t}` })));
    const ordered = [
      ...turns.filter(({ turn }) => !isFallback(turn)),
      ...turns.filter(({ turn }) => isFallback(turn)),
    ];
    const holding = ordered.filter(({ turn }) => holds(turn.when ?? {}, conversation));
    const latest = holding.toSorted(
      (a, b) => position(b.turn, conversation) - position(a.turn, conversation),
    );
    const match = latest.find(({ turn, key }) => isLeft(turn, key, body));
    if (match !== undefined) return fill(match.turn.reply, conversation);
    const title = fitting.find((script) => script.title !== undefined)?.title ?? defaultTitle;
    return [{ text: conversation.hasTools ? 'The script has no turn for this.' : title }];
  };

  return {
    models: [...new Set(scripts.map((script) => script.model).filter((model) => model !== '*'))],
    answer(conversation, body) {
      const fitting = scripts.filter(({ model }) => model === '*' || model === conversation.model);
      if (fitting.length === 0) return null;
      const tokens = Math.ceil(body.length / 4);
      const limit = Math.min(...fitting.map((script) => script.contextTokens ?? Number.POSITIVE_INFINITY));
      if (tokens > limit) return { type: 'too-long', limit, tokens };
      return { type: 'reply', steps: reply(fitting, conversation, body) };
    },
  };
}

function isFallback(turn: Turn): boolean {
  return Object.keys(turn.when ?? {}).every((key) => key === 'tools');
}

function holds(when: When, conversation: Conversation): boolean {
  const { user, step, before, toolResult, system, tools = true } = when;
  return (
    tools === conversation.hasTools &&
    contains(conversation.user, user) &&
    (step === undefined || step === conversation.step) &&
    (before === undefined || conversation.step < before) &&
    (toolResult === undefined || contains(conversation.toolResults.at(-1) ?? '', toolResult)) &&
    contains(conversation.system, system)
  );
}

/** A host may join prompts that no model has answered: the turn whose words stand last is meant. */
function position(turn: Turn, { user }: Conversation): number {
  const words = turn.when?.user;
  return words === undefined ? -1 : user.toLowerCase().lastIndexOf(words.toLowerCase());
}

function contains(text: string, words: string | undefined): boolean {
  return words === undefined || text.toLowerCase().includes(words.toLowerCase());
}

/** The steps with their placeholders filled in, through JSON, so that it reaches every string inside. */
function fill(steps: readonly Step[], { step, user }: Conversation): readonly Step[] {
  const json = JSON.stringify(steps);
  if (!json.includes('{{')) return steps;
  const inString = (text: string): string => JSON.stringify(text).slice(1, -1);
  const filled = json.replaceAll('{{step}}', () => String(step)).replaceAll('{{user}}', () => inString(user));
  return JSON.parse(filled); // the same shape with other words in its strings
}
