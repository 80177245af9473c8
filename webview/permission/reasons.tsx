import type { PageWord } from '#shared/page-words.ts';
import type { PermissionRequest, RuleLayer } from '#shared/permission.ts';
import { useChat } from '../controls/chat-context.ts';
import { Phrase } from '../controls/phrase.tsx';
import { VisibleText } from '../controls/visible-text.tsx';

type Layer = typeof RuleLayer.Type;

const layers: Readonly<Record<Layer, PageWord>> = {
  defaults: 'layer.defaults',
  user: 'layer.user',
  project: 'layer.project',
  agent: 'layer.agent',
  session: 'layer.session',
  saved: 'layer.saved',
  floor: 'layer.floor',
};

/** The rule that made this ask, so that the next one can be avoided where that is right. */
export function Because({ request }: { readonly request: PermissionRequest }) {
  const { say } = useChat();
  const { layer, rule } = request.origin;
  if (layer === 'floor') {
    const [first = request.permission] = request.patterns;
    return (
      <p class="meta">
        <Phrase word="permission.because.floor" args={[<Rule key="rule" text={first} />]} />
      </p>
    );
  }
  if (layer === 'defaults' || !rule) return <p class="meta">{say('permission.because.default')}</p>;
  const text = `${rule.permission} ${rule.pattern}`;
  return (
    <p class="meta">
      <Phrase word="permission.because.rule" args={[<Rule key="rule" text={text} />, say(layers[layer])]} />
    </p>
  );
}

/** What *Always allow* would keep, exactly; or that there is no such answer here. */
export function Saves({ request }: { readonly request: PermissionRequest }) {
  const { say } = useChat();
  const { always, permission, agent } = request;
  if (always.length === 0) return <p class="meta">{say('permission.always.none')}</p>;
  return (
    <p class="meta">
      <Phrase
        word="permission.always.saves"
        args={[permission, <Rule key="pattern" text={always.join(', ')} />, agent]}
      />
    </p>
  );
}

function Rule({ text }: { readonly text: string }) {
  return (
    <code dir="ltr">
      <VisibleText text={text} />
    </code>
  );
}
