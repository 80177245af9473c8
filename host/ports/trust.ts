/** Whether the user trusts a Location; asked of the editor, never decided by anything inside the folder. */
export interface Trust {
  isTrusted(directory: string): boolean;
  /** Called when trust was granted; it is never taken back while a window lives. */
  onGranted(listener: () => void): Disposable;
}
