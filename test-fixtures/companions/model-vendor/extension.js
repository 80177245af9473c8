import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';

// The editor's own models, as an extension brings them. What a model does stands in the prompt.

const echo = {
  id: 'echo',
  name: 'Echo',
  family: 'echo',
  version: '1',
  maxInputTokens: 100_000,
  maxOutputTokens: 8_000,
  capabilities: { toolCalling: true, imageInput: true },
};

export function activate(context) {
  const changed = new vscode.EventEmitter();
  let isSignedIn = true;
  context.subscriptions.push(
    changed,
    vscode.lm.registerLanguageModelChatProvider('test-vendor', {
      onDidChangeLanguageModelChatInformation: changed.event,
      provideLanguageModelChatInformation: () => (isSignedIn ? [echo] : []),
      provideLanguageModelChatResponse: (...call) => answer(call),
      provideTokenCount: async (_model, text) => String(text).length,
    }),
    vscode.commands.registerCommand('modelVendor.toggle', () => {
      isSignedIn = !isSignedIn;
      changed.fire();
    }),
  );
}

async function answer([, messages, , progress, token]) {
  const say = (text) => progress.report(new vscode.LanguageModelTextPart(text));
  const last = messages.at(-1).content;
  const result = last.find((part) => part instanceof vscode.LanguageModelToolResultPart);
  if (result) return say(`The file begins: ${firstLine(result)}`);
  const asked = textOf(last);
  if (asked.includes('refuse')) throw vscode.LanguageModelError.Blocked('Too many requests.');
  if (asked.includes('break')) throw new Error('The vendor broke.');
  if (asked.includes('wait')) return waitFor(token, say);
  if (!asked.includes('read'))
    return say(`${messages.length} messages, the first one says ${firstWords(messages)}`);
  say('I look.');
  progress.report(new vscode.LanguageModelToolCallPart('call_1', 'read', { filePath: 'greet.ts' }));
}

/** Answers nothing more until the request is cancelled, which it writes down. */
function waitFor(token, say) {
  say('One moment.');
  const folder = vscode.workspace.workspaceFolders[0].uri.fsPath;
  return new Promise((_resolve, reject) => {
    token.onCancellationRequested(() => {
      appendFileSync(join(folder, 'cancelled.txt'), 'cancelled\n');
      reject(new vscode.CancellationError());
    });
  });
}

function firstLine(result) {
  const lines = textOf(result.content).split('\n');
  return lines.find((line) => line.includes('export')) ?? lines[0];
}

function firstWords([first]) {
  return textOf(first.content).trim().split(/\s+/).slice(0, 3).join(' ');
}

function textOf(content) {
  return content
    .flatMap((part) => (part instanceof vscode.LanguageModelTextPart ? [part.value] : []))
    .join('\n');
}
