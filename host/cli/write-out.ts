/**
 * Writes a text and waits until the system has it all: the process ends right after, and a pipe takes only so much at
 * once. A reader that is gone is told by the stream's own error.
 */
export function writeOut(stream: NodeJS.WritableStream, text: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.write(text, () => resolve());
  return promise;
}
