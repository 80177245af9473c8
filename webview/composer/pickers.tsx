import type { ModelRef } from '#shared/message.ts';
import type { Choices } from '#shared/protocol.ts';
import { useChat } from '../controls/chat-context.ts';
import { PickButton } from '../controls/pick-button.tsx';
import { Picker } from '../controls/picker.tsx';

/** Agent, model and its variant for the next prompt. All models are shown by the editor's own picker. */
export function Pickers({ choices }: { readonly choices: Choices }) {
  const { say, post, dispatch } = useChat();
  const { agents, agent, model, chosen } = choices;
  const change = (next: { readonly agent: string; readonly model: ModelRef | null }) => {
    dispatch({ type: 'choices.changed', ...next });
    post({ type: 'choices.change', ...next });
  };
  const name = model === null ? say('picker.model.none') : (chosen?.name ?? model.modelID);
  return (
    <div class="pickers">
      <Picker
        label={say('picker.agent')}
        title={say('picker.agent.hint')}
        value={agent}
        fallback={agent}
        options={agents.map((each) => ({ value: each.name, label: each.name, title: each.description }))}
        onChange={(next) => change({ agent: next, model })}
      />
      <PickButton
        label={say('picker.model.change', [name])}
        title={chosen ? `${chosen.providerName}: ${name}` : name}
        shown={name}
        onClick={() => post({ type: 'model.choose' })}
      />
      {model === null ? null : (
        <Variants
          model={model}
          names={chosen?.variants ?? []}
          onChange={(next) => change({ agent, model: next })}
        />
      )}
    </div>
  );
}

/** How much the model thinks, or another way to run it, where it has a choice of them (UI-05). */
function Variants(props: {
  readonly model: ModelRef;
  readonly names: readonly string[];
  readonly onChange: (model: ModelRef) => void;
}) {
  const { say } = useChat();
  const { model, names, onChange } = props;
  if (names.length === 0) return null;
  const { variant = '', ...plain } = model;
  return (
    <Picker
      label={say('picker.variant')}
      value={names.includes(variant) ? variant : ''}
      fallback={say('picker.variant.none')}
      options={[
        { value: '', label: say('picker.variant.none') },
        ...names.map((each) => ({
          value: each,
          label: each === 'none' ? say('picker.variant.off') : each,
        })),
      ]}
      onChange={(next) => onChange(next === '' ? plain : { ...plain, variant: next })}
    />
  );
}
