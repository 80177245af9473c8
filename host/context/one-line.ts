/** Control characters, line ends of every kind, and what turns or hides text. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/**
 * Text that a folder chose (a file's name, a branch, a description) as at most `maxChars` on one line: it must not
 * look like lines of the System Context.
 */
export function oneLine(text: string, maxChars = 200): string {
  const line = text.replace(unsafe, ' ').trim();
  return line.length > maxChars ? `${line.slice(0, maxChars - 1)}…`.toWellFormed() : line;
}
