import { useChat } from './chat-context.ts';
import { shortPath, splitPath } from './format.ts';
import { QuietButton } from './quiet-button.tsx';
import { VisibleText } from './visible-text.tsx';

/** A file's short path; opens the file. When there is little room the folders are cut, not the name. */
export function FileLink(props: {
  readonly path: string;
  readonly line?: number | undefined;
  readonly range?: string | undefined;
}) {
  const { say, post, directory } = useChat();
  const { path, line, range = '' } = props;
  const { folder, name } = splitPath(shortPath(path, directory));
  return (
    <QuietButton
      look="file-link"
      title={`${say('tool.open')}: ${path}`}
      onClick={() => post({ type: 'file.open', path, ...(line === undefined ? {} : { line }) })}
    >
      <span class="file-folder">
        <VisibleText text={folder} />
      </span>
      <span class="file-name">
        <VisibleText text={name} />
        {range}
      </span>
    </QuietButton>
  );
}
