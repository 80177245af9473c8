import { redact, secretForms } from '../llm/redact.ts';

/** What is taken out of logs, traces, notices and errors: secrets that are held now, or were lately (decision 20). */
export interface Redaction {
  /** Says where they are held, once that is open. Before, none is. */
  follow(holder: { readonly secrets: () => readonly string[] }): void;
  readonly secrets: () => readonly string[];
  /** The text with each of them replaced, in every form in which it may be quoted. */
  readonly text: Hide;
  /** The same for many texts at a time, by what is held now. */
  readonly hider: () => Hide;
}

export type Hide = (text: string) => string;

export function createRedaction(): Redaction {
  let secrets: () => readonly string[] = () => [];
  const hider = (): Hide => {
    const forms = secretForms(secrets());
    return (text) => redact(text, forms);
  };
  return {
    follow(holder) {
      secrets = holder.secrets;
    },
    secrets: () => secrets(),
    text: (text) => hider()(text),
    hider,
  };
}
