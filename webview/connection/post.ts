import type { FromWebview } from '#shared/protocol.ts';

/** What the editor gives a webview; `acquireVsCodeApi` may be called once only. */
export interface VsCodeApi {
  postMessage(message: FromWebview): void;
  getState(): unknown;
  setState(state: unknown): void;
}

export type Post = (message: FromWebview) => void;
