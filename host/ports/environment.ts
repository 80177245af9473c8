/** Facts about the machine and the process that do not change while the host lives. */
export interface Environment {
  readonly platform: 'linux' | 'darwin' | 'win32';
  readonly homeDirectory: string;
  /** Name and version of the editor, or of the command line. */
  readonly surface: string;
  /** A variable of the user's environment. */
  variable(name: string): string | undefined;
}
