import type { PermissionRequest } from '#shared/permission.ts';
import { useChat } from '../controls/chat-context.ts';
import { Diff, DiffStat } from '../controls/diff.tsx';
import { FileLink } from '../controls/file-link.tsx';
import { shortPath } from '../controls/format.ts';
import { VisibleText } from '../controls/visible-text.tsx';

/** What is about to happen: whole, wrapped, with nothing in it that cannot be seen. */
export function Subject({ request }: { readonly request: PermissionRequest }) {
  const { say, directory } = useChat();
  const { subject, agent } = request;
  switch (subject.type) {
    case 'command':
      return (
        <>
          <Whole text={subject.command} />
          <p class="meta permission-where">
            {say('permission.where', [agent, place(subject.workdir, directory)])}
          </p>
        </>
      );
    case 'edit':
      return (
        <>
          <p class="permission-file">
            <FileLink path={subject.filePath} />
            <DiffStat additions={subject.additions} deletions={subject.deletions} />
          </p>
          <Diff diff={subject.diff} label={say('tool.changes')} />
        </>
      );
    case 'path':
      return <Whole text={subject.filePath} />;
    case 'call':
      return <Whole text={subject.input} />;
  }
}

/** Characters in the order they are read by the shell: a right-to-left letter must not rearrange a command. */
function Whole({ text }: { readonly text: string }) {
  return (
    <pre class="permission-whole" dir="ltr">
      <VisibleText text={text} />
    </pre>
  );
}

/** `./app` inside the session's folder, the whole path outside of it. */
function place(workdir: string, directory: string): string {
  const short = shortPath(workdir, directory);
  if (short !== workdir) return `./${short}`;
  return workdir === directory ? './' : workdir;
}
