import type { PageWord } from '#shared/page-words.ts';
import type { ToolPart } from '#shared/part.ts';
import { useChat } from '../controls/chat-context.ts';
import { DiffStat } from '../controls/diff.tsx';
import { formatDuration } from '../controls/format.ts';
import { Icon, type IconName } from '../controls/icon.tsx';
import { useNow } from '../controls/now.ts';

type State = ToolPart['state'];
type Completed = Extract<State, { readonly status: 'completed' }>;
type Failed = Extract<State, { readonly status: 'error' }>;

/** The end of a tool's line: that it runs, what came out, or why nothing did. */
export function ToolResult({ part, waiting }: { readonly part: ToolPart; readonly waiting: boolean }) {
  const { say } = useChat();
  const { state, tool } = part;
  if (waiting) {
    return (
      <span class="tool-result">
        <Icon name="shield" />
        {say('tool.waiting')}
      </span>
    );
  }
  switch (state.status) {
    case 'pending':
      return <Running since={null} />;
    case 'running':
      return <Running since={state.time.start} />;
    case 'completed':
      return <Completion tool={tool} state={state} />;
    case 'error':
      return <Failure state={state} />;
  }
}

/** How long a call may run before its line says so. */
const quietFor = 2_000;

function Running({ since }: { readonly since: number | null }) {
  const { say } = useChat();
  const now = useNow(since !== null);
  const elapsed = since === null ? 0 : now - since;
  return (
    <span class="tool-result">
      <span class="visually-hidden">{say('tool.running')}</span>
      {elapsed < quietFor ? null : formatDuration(Math.floor(elapsed / 1_000) * 1_000).replace('.0', '')}
      <Icon name="loading" />
    </span>
  );
}

function Completion({ tool, state }: { readonly tool: string; readonly state: Completed }) {
  const { say } = useChat();
  const { additions, deletions, count, exit } = state.metadata;
  if (additions !== undefined || deletions !== undefined) {
    return (
      <span class="tool-result">
        <DiffStat additions={additions ?? 0} deletions={deletions ?? 0} />
      </span>
    );
  }
  if (count !== undefined) {
    const [one, many]: readonly [PageWord, PageWord] =
      tool === 'read' ? ['tool.lines.one', 'tool.lines'] : ['tool.results.one', 'tool.results'];
    return <span class="tool-result">{count === 1 ? say(one) : say(many, [count])}</span>;
  }
  const took = formatDuration(state.time.end - state.time.start);
  if (exit !== undefined && exit !== 0) {
    return (
      <span class="tool-result">
        <Icon name="error" tone="error" />
        {say('tool.exit', [exit])} · {took}
      </span>
    );
  }
  return (
    <span class="tool-result">
      <Icon name="check" tone="good" />
      {took}
    </span>
  );
}

const failures: Readonly<Record<Failed['failure'], readonly [PageWord, IconName]>> = {
  failed: ['tool.failed', 'error'],
  invalid: ['tool.invalid', 'error'],
  rejected: ['tool.rejected', 'circle-slash'],
  denied: ['tool.denied', 'circle-slash'],
  interrupted: ['tool.interrupted', 'debug-disconnect'],
};

function Failure({ state }: { readonly state: Failed }) {
  const { say } = useChat();
  const [word, icon] = failures[state.failure];
  return (
    <span class="tool-result">
      {icon === 'error' ? <Icon name={icon} tone="error" /> : <Icon name={icon} />}
      {say(word)}
    </span>
  );
}
