/** Secrets of the user: the editor's secret storage, or nothing headless until a file store comes. */
export interface Secrets {
  get(key: string): Promise<string | undefined>;
}
