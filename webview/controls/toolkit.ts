import { provideVSCodeDesignSystem, vsCodeButton } from '@vscode/webview-ui-toolkit';

/** Registers the toolkit's elements that are in use: the button, wrapped in button.tsx. */
export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(vsCodeButton());
}
