import type { ModelRef } from '#shared/message.ts';
import type { Choices } from '#shared/protocol.ts';
import { useChat } from '../controls/chat-context.ts';
import { Picker } from '../controls/picker.tsx';

/** Agent and model for the next prompt. */
export function Pickers({ choices }: { readonly choices: Choices }) {
  const { say, post, dispatch } = useChat();
  const { agents, models, agent, model } = choices;
  const change = (next: { readonly agent: string; readonly model: ModelRef | null }) => {
    dispatch({ type: 'choices.changed', ...next });
    post({ type: 'choices.change', ...next });
  };
  return (
    <div class="pickers">
      <Picker
        label={say('picker.agent')}
        title={say('picker.agent.hint')}
        value={agent}
        fallback={agent}
        options={agents.map(({ name, description }) => ({ value: name, label: name, title: description }))}
        onChange={(name) => change({ agent: name, model })}
      />
      <Picker
        label={say('picker.model')}
        value={model === null ? '' : nameOf(model)}
        fallback={model === null ? say('picker.model.none') : model.modelID}
        options={models.map(({ ref, name, providerName }) => ({
          value: nameOf(ref),
          label: name,
          group: providerName,
        }))}
        onChange={(value) => {
          const chosen = models.find(({ ref }) => nameOf(ref) === value);
          if (chosen) change({ agent, model: chosen.ref });
        }}
      />
    </div>
  );
}

function nameOf({ providerID, modelID }: ModelRef): string {
  return `${providerID}/${modelID}`;
}
