/// <reference path="../assets.d.ts" />
import './icon.css';

/** The codicons that the chat uses; each has its line in icon.css. */
export type IconName =
  | 'add'
  | 'arrow-down'
  | 'check'
  | 'checklist'
  | 'chevron-down'
  | 'chevron-right'
  | 'circle-slash'
  | 'close'
  | 'copy'
  | 'debug-disconnect'
  | 'discard'
  | 'ellipsis'
  | 'repo-forked'
  | 'stop-circle'
  | 'edit'
  | 'error'
  | 'file'
  | 'files'
  | 'folder-opened'
  | 'globe'
  | 'info'
  | 'lightbulb'
  | 'loading'
  | 'new-file'
  | 'organization'
  | 'pulse'
  | 'question'
  | 'search'
  | 'send'
  | 'shield'
  | 'sync'
  | 'terminal'
  | 'tools'
  | 'warning'
  | 'watch';

/** A picture beside words, never instead of them: it has no name of its own. */
export function Icon({
  name,
  tone,
}: {
  readonly name: IconName;
  readonly tone?: 'error' | 'warning' | 'good';
}) {
  return (
    <span
      aria-hidden="true"
      class={`icon icon-${name}${name === 'loading' ? ' icon-spin' : ''}${tone ? ` tone-${tone}` : ''}`}
    />
  );
}
