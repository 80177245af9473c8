import { formatCost, formatTokens } from '#shared/amounts.ts';
import type { TokenUsage } from '#shared/message.ts';
import type { PageWord } from '#shared/page-words.ts';
import type { Choices } from '#shared/protocol.ts';
import type { Session } from '#shared/session.ts';
import { useChat } from '../controls/chat-context.ts';
import { Popup } from '../controls/popup.tsx';
import { type Spent, spentBy } from './spent.ts';

/** From this share on the meter warns. */
const nearlyFull = 0.8;
/** The ring's circumference in its own units. */
const around = 100;

/** How full the model's context is, and what the session has cost so far; opens to all of it. */
export function Usage(props: {
  readonly choices: Choices;
  readonly tokens: number | undefined;
  readonly session: Session | null;
}) {
  const { say } = useChat();
  const { choices, tokens, session } = props;
  const limit = choices.chosen?.contextLimit;
  const spent = session && spentBy(session);
  if (!spent || (tokens === undefined && spent.isNothing)) return <span class="usage" />;
  const fill = tokens === undefined ? [] : [shortFill(tokens, limit)];
  const shown = [...fill, ...(spent.cost > 0 ? [formatCost(spent.cost)] : [])].join(' ');
  // Without a price, and with nothing in the context, the tokens that were written stand for it.
  const text = shown || formatTokens(spent.tokens.output);
  const words = tokens === undefined ? say('usage.label') : fillWords(tokens, limit);
  return (
    <span class="usage">
      <Popup
        look="usage-button"
        role="dialog"
        label={say('usage.label')}
        name={`${text} ${words}`}
        title={words}
        panel={() => <Details spent={spent} tokens={tokens} limit={limit} />}
      >
        {tokens === undefined || limit === undefined ? null : <Ring tokens={tokens} limit={limit} />}
        <span>{text}</span>
      </Popup>
    </span>
  );

  function fillWords(used: number, most: number | undefined): string {
    if (most === undefined) return say('usage.tokens', [formatTokens(used)]);
    return say('usage.context', [formatTokens(used), formatTokens(most)]);
  }
}

/** The number beside the ring: percent where the limit is known, else tokens. */
function shortFill(tokens: number, limit: number | undefined): string {
  return limit === undefined ? formatTokens(tokens) : `${percent(tokens, limit)}%`;
}

function Ring({ tokens, limit }: { readonly tokens: number; readonly limit: number }) {
  const share = Math.min(1, tokens / limit);
  return (
    <svg
      class={`ring${share >= nearlyFull ? ' ring-full' : ''}`}
      viewBox="0 0 36 36"
      aria-hidden="true"
      focusable="false"
    >
      <circle class="ring-track" cx="18" cy="18" r="15.915" />
      <circle class="ring-fill" cx="18" cy="18" r="15.915" stroke-dasharray={`${share * around} ${around}`} />
    </svg>
  );
}

function percent(tokens: number, limit: number): number {
  return Math.round(Math.min(1, tokens / limit) * 100);
}

const kinds: readonly (readonly [PageWord, (tokens: TokenUsage) => number])[] = [
  ['usage.row.input', ({ input }) => input],
  ['usage.row.output', ({ output }) => output],
  ['usage.row.reasoning', ({ reasoning }) => reasoning],
  ['usage.row.cache.read', ({ cache }) => cache.read],
  ['usage.row.cache.write', ({ cache }) => cache.write],
];

/** Tokens by kind and the cost, of the session and of the sessions below it (RT-20). */
function Details(props: {
  readonly spent: Spent;
  readonly tokens: number | undefined;
  readonly limit: number | undefined;
}) {
  const { say } = useChat();
  const { spent, tokens, limit } = props;
  const full = tokens !== undefined && limit !== undefined;
  return (
    <div class="usage-details">
      <strong>{say('usage.label')}</strong>
      <dl>
        {tokens === undefined ? null : (
          <Row word="usage.row.context" look="usage-context">
            {full
              ? say('usage.full', [percent(tokens, limit), formatTokens(tokens), formatTokens(limit)])
              : formatTokens(tokens)}
          </Row>
        )}
        {kinds.map(([word, pick]) => (
          <Row key={word} word={word}>
            {formatTokens(pick(spent.tokens))}
          </Row>
        ))}
        <Row word="usage.row.cost">{formatCost(spent.cost)}</Row>
        {spent.children === undefined ? null : (
          <Row word="usage.row.children" look="usage-part">
            {formatCost(spent.children)}
          </Row>
        )}
      </dl>
      {full && tokens / limit >= nearlyFull ? <p class="meta usage-hint">{say('usage.nearly')}</p> : null}
    </div>
  );
}

function Row(props: { readonly word: PageWord; readonly look?: string; readonly children: string }) {
  const { say } = useChat();
  const { word, look = '', children } = props;
  return (
    <div class={`usage-row ${look}`}>
      <dt>{say(word)}</dt>
      <dd>{children}</dd>
    </div>
  );
}
