import type * as vscode from 'vscode';
import type { Ports } from '#host/ports/ports.ts';
import { editorBrowser } from './browser.ts';
import { createDocuments } from './documents.ts';
import { ripgrepPlaces, surface } from './editor-facts.ts';
import { createLanguageModels } from './language-models.ts';
import { createLog } from './log.ts';
import { createSecrets } from './secrets.ts';
import { createTrust } from './trust.ts';
import { createWorkspaceView } from './workspace-view.ts';

/** The host's world inside the editor: Node's answers, and the editor's own where it has better ones. */
export async function vscodePorts(
  context: vscode.ExtensionContext,
  output: vscode.LogOutputChannel,
): Promise<Ports> {
  const { nodePorts } = await import('#host/node/node-ports.ts');
  const trust = createTrust();
  const node = nodePorts({
    surface,
    isTrusted: trust.isTrusted,
    log: { write: (line) => output.info(line), level: 'info' },
    ripgrepCandidates: ripgrepPlaces(),
  });
  return {
    ...node,
    browser: editorBrowser,
    trust,
    log: createLog(output),
    documents: createDocuments(),
    languageModels: createLanguageModels(),
    secrets: createSecrets(context.secrets, node.secrets.lock),
    workspaceView: createWorkspaceView(),
  };
}
