/** What a key means in a small text field that was opened in the place of a text. */
export type FieldKey = 'accept' | 'leave' | 'none';

/** Enter accepts, Shift+Enter is a new line, Escape leaves; an input method that is composing owns every key. */
export function fieldKey(event: KeyboardEvent): FieldKey {
  if (event.isComposing || event.keyCode === 229) return 'none';
  if (event.key === 'Escape') return 'leave';
  return event.key === 'Enter' && !event.shiftKey ? 'accept' : 'none';
}
