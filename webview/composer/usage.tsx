import type { Choices } from '#shared/protocol.ts';
import { useChat } from '../controls/chat-context.ts';
import { formatCost, formatTokens } from '../controls/format.ts';

/** From this share on the meter warns. */
const nearlyFull = 0.8;
/** The ring's circumference in its own units. */
const around = 100;

/** How full the model's context is, and what the session has cost so far. */
export function Usage(props: {
  readonly choices: Choices;
  readonly tokens: number | undefined;
  readonly cost: number;
}) {
  const { say } = useChat();
  const { choices, tokens, cost } = props;
  const limit = choices.models.find(
    ({ ref }) => ref.modelID === choices.model?.modelID && ref.providerID === choices.model.providerID,
  )?.contextLimit;
  return (
    <span class="usage">
      {tokens === undefined ? null : <Meter tokens={tokens} limit={limit} />}
      {cost > 0 ? <span title={say('usage.cost')}>{formatCost(cost)}</span> : null}
    </span>
  );
}

function Meter({ tokens, limit }: { readonly tokens: number; readonly limit: number | undefined }) {
  const { say } = useChat();
  if (limit === undefined) {
    return <span title={say('usage.tokens', [formatTokens(tokens)])}>{formatTokens(tokens)}</span>;
  }
  const share = Math.min(1, tokens / limit);
  const words = say('usage.context', [formatTokens(tokens), formatTokens(limit)]);
  return (
    <span class={`meter${share >= nearlyFull ? ' meter-full' : ''}`} title={words}>
      <svg class="ring" viewBox="0 0 36 36" aria-hidden="true" focusable="false">
        <circle class="ring-track" cx="18" cy="18" r="15.915" />
        <circle
          class="ring-fill"
          cx="18"
          cy="18"
          r="15.915"
          stroke-dasharray={`${share * around} ${around}`}
        />
      </svg>
      <span>{`${Math.round(share * 100)}%`}</span>
      <span class="visually-hidden">{words}</span>
    </span>
  );
}
