import { filled, pageWords } from './page-words.ts';

/**
 * Every text that a user reads in the chat, the editor or the command line, in English, by key.
 * The English text is what translations are looked up by (VS Code's l10n bundles), `{0}` its first argument.
 */
export const words = {
  ...pageWords,
  'file.missing': 'There is no file {0}.',
  'file.outside': 'Millrace opens files of this workspace only, and {0} is not in it.',
  'model.pick': 'Choose a model',
  'model.section.recent': 'Used last',
  'model.section.sign-in': 'Sign in to use',
  'model.sign-in': 'sign in',
  'model.sign-in.env': 'Or set {0} before the editor starts.',
  'model.context': '{0} context',
  'model.price': '{0} in / {1} out per M',
  'model.consent': 'your key is held back until you allow the address of this folder',
  'model.free': 'free',
  'model.images': 'sees images',
  'model.thinks': 'thinks',
  'model.no-tools': 'calls tools in its text',
  'model.variants': 'variants {0}',
  'model.variants.off': 'thinking optional',
  'model.variants.choose': 'Choose how it is run',
  'model.variants.which': 'How should {0} be run?',
  'model.status.beta': 'beta',
  'model.status.deprecated': 'deprecated',
  'model.status.hidden': 'hidden',
  'consent.ask': 'Send your key for {0} to {1}?',
  'consent.detail':
    'This folder’s configuration names that address. Whoever runs it will see your key, and what the session sends.',
  'consent.headers': 'It is sent with these headers of the folder: {0}.',
  'consent.yes': 'Allow and go on',
  'consent.no': 'Do not send',
  'consent.gone': 'Nothing is held back any more: try again.',
  'consent.list': '{0} is allowed for {1}',
  'consent.revoked': 'Your key for {0} is not sent to {1} any more.',
  'account.sign-in.where': 'Where do you want to sign in?',
  'account.sign-in.title': 'Sign in at {0}',
  'account.signed-in': 'You are signed in at {0}.',
  'account.sign-out.where': 'Where do you want to sign out?',
  'account.signed-out': 'You are signed out of {0}.',
  'account.signed-out.kept':
    'You are signed out of {0} here, and the provider could not be told: end it on its page as well.',
  'account.none': 'There is no key, no sign-in and no consent that Millrace keeps.',
  'account.unverified': 'Nobody has tried this at the service yet.',
  'account.state.in': 'signed in',
  'model.editor.justification': 'To answer your prompts in Millrace with this model.',
  'account.page.code': 'Enter {0} at {1}',
  'account.page.opened': 'Go on in the browser.',
  'account.page.open': 'Open {0} in a browser.',
  'cli.usage': `Usage: millrace run [--format text|json] [--dir D] [--model P/M] [--variant V] [--agent A] [--session ID | --continue] [--auto-approve] [--untrusted] "prompt"
       millrace models [PROVIDER] [--local] [--format text|json] [--dir D]
       millrace models --check P/M [--local] [--format text|json] [--dir D]
       millrace auth list [PROVIDER] [--format text|json] [--dir D]
       millrace auth login [PROVIDER] [--method M] [--dir D]
       millrace auth logout [PROVIDER] [--dir D]
       millrace session list [--format text|json] [--dir D]
       millrace session show ID [--format text|json] [--dir D]
       millrace session export [ID] [--output FILE] [--dir D]
       millrace session import FILE|- [--dir D]
       millrace session delete ID [--yes] [--dir D]
       millrace session adopt [--yes] [--dir D]`,
  'cli.rejected': 'Rejected: {0} {1} needs permission. Pass --auto-approve to allow it.',
  'cli.rejected.floor': 'Rejected: {0} {1} is never approved automatically.',
  'cli.untrusted': 'The configuration of {0} is not read. Pass --dir {0} to trust it.',
  'cli.interrupted': 'Interrupted. The session {0} is kept.',
  'cli.models.none':
    'No model can be used here. Set the key of a provider, such as ANTHROPIC_API_KEY or OPENAI_API_KEY, or add a provider to opencode.json.',
  'cli.check.fine': 'Nothing stands in the way of {0}.',
  'cli.check.blocks': 'No answer will come: {0} {1}',
  'cli.check.advises': 'It could do better: {0} {1}',
  'cli.check.remote': '{0} is not on this machine: nobody was asked.',
  'cli.check.unknown': 'There is no model {0} here. "millrace models --local" lists those that are.',
  'cli.check.withheld': 'The key for {0} would go to {1}, which the project names: nobody was asked.',
  'cli.column.model': 'Model',
  'cli.column.protocol': 'Protocol',
  'cli.column.status': 'Status',
  'cli.column.context': 'Context',
  'cli.column.price': '$ in / out per M',
  'cli.proxy.unknown':
    'HTTP_PROXY and HTTPS_PROXY are set, and this Node.js ({0}) cannot use them: requests go out directly. Node.js 24 can.',
  'cli.auth.none':
    'No key and no sign-in is kept, and no variable holds a key. "millrace auth login PROVIDER" adds one.',
  'cli.auth.nothing': 'There is no key and no sign-in that Millrace keeps in this place.',
  'cli.auth.not-kept': 'Nothing is kept for {0}.',
  'cli.auth.stopped': 'Given up. Nothing was changed.',
  'cli.auth.provider': 'Which provider? Its id, such as anthropic',
  'cli.auth.ways': 'Ways to sign in at {0}:',
  'cli.auth.way': 'Which? Its number',
  'cli.auth.example': 'for example {0}',
  'cli.auth.state.out': 'not signed in',
  'cli.auth.state.environment': 'a key in the environment',
  'cli.column.provider': 'Provider',
  'cli.column.way': 'By',
  'cli.column.account': 'Account',
  'cli.column.state': 'State',
  'cli.column.method': 'Method',
  'cli.column.name': 'Name',
  'cli.column.link': 'Where',
  'cli.column.id': 'ID',
  'cli.column.title': 'Title',
  'cli.column.changed': 'Changed',
  'cli.column.surface': 'Surface',
  'cli.column.folder': 'Folder',
  'cli.session.none': 'There are no sessions of {0} yet: begin one with "millrace run".',
  'cli.session.newest': 'The newest session is {0}.',
  'cli.session.exported': 'The session {0} is written to {1}.',
  'cli.session.deleted': 'The session {0} is deleted.',
  'cli.session.delete.ask': 'Delete the session "{0}" ({1}) for good? This cannot be undone. [y/N] ',
  'cli.session.delete.kept': 'Nothing was deleted.',
  'cli.show.reverted': 'What follows is taken back.',
  'cli.show.compacted': 'The conversation up to here was folded into this summary:',
  'cli.show.open': 'not finished',
  'cli.store.trouble': 'The history in {0} could not be read whole. {1}',
  'cli.adopt.hint':
    'Sessions of {0}, which is gone, are not in the history of this folder: millrace session adopt --dir {1} copies them.',
  'cli.adopt.ask': 'Copy the sessions of {0} into the history of this folder? There are {1}. [y/N] ',
  'cli.adopt.none': 'No sessions of other places can be adopted into {0}.',
  'cli.adopt.done': 'Sessions copied: {0}.',
} as const;

export type WordKey = keyof typeof words;

/** The text for a key, translated where `translations` has it, with its arguments filled in; see `filled`. */
export function say(
  translations: Readonly<Record<string, string>>,
  key: WordKey,
  args: readonly (string | number)[] = [],
): string {
  return filled(words[key], translations, args);
}
