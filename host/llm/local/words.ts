import type { Finding } from './preflight.ts';
import type { LocalServerKind } from './servers.ts';

/** What is wrong, and what to do about it. */
export type FindingWords = { readonly problem: string; readonly remedy: string };

/** A finding in plain English. Commands stand in backticks. */
export function findingWords(finding: Finding): FindingWords {
  const { kind, baseURL, model } = finding;
  switch (finding.type) {
    case 'not-an-address':
      return {
        problem: `${quoted(baseURL)} is not an address.`,
        remedy: 'Write it as `http://127.0.0.1:11434/v1`.',
      };
    case 'unreachable':
      return { problem: `Nothing answers at ${baseURL}.`, remedy: start[kind](model) };
    case 'refused':
      return {
        problem: `${serverNames[kind]} at ${baseURL} refuses to answer (HTTP ${finding.status}).`,
        remedy: 'Look at its log. If it wants a key, save one for this provider.',
      };
    case 'no-models':
      return {
        problem: `What answers at ${baseURL} has no list of models: it may be another program.`,
        remedy: `Check address and port. ${start[kind](model)}`,
      };
    case 'wrong-path':
      return {
        problem: `${serverNames[kind]} does not answer chats at ${baseURL}.`,
        remedy: `Set the address to ${finding.right}.`,
      };
    case 'model-missing':
      return {
        problem: `${serverNames[kind]} has no model ${quoted(model)}. ${presentWords(finding.present)}`,
        remedy: getModel(finding),
      };
    case 'context-small':
      return smallContext(finding);
    case 'context-unknown':
      return {
        problem: `${serverNames[kind]} has not loaded ${model} and may give it only 4,096 tokens of context; an agent wants ${count(finding.floorTokens)} or more.${lost(kind)}`,
        remedy: raise[kind](model, roomy(finding.floorTokens)),
      };
    case 'no-tools':
      return {
        problem: `${model} cannot call tools through ${serverNames[kind]}.`,
        remedy: 'Choose a model that can, or switch on tool calls in the text for it.',
      };
  }
}

/** As their makers write them. */
export const serverNames: Readonly<Record<LocalServerKind, string>> = {
  ollama: 'Ollama',
  'lm-studio': 'LM Studio',
  'llama.cpp': 'llama.cpp',
  'docker-model-runner': 'Docker Model Runner',
  vllm: 'vLLM',
  other: 'The server',
};

type ByKind<F> = Readonly<Record<LocalServerKind, F>>;

const start: ByKind<(model: string) => string> = {
  ollama: () => 'Open the Ollama app, or run `ollama serve`.',
  'lm-studio': () => 'Start the server in the Developer tab of LM Studio, or run `lms server start`.',
  'llama.cpp': () => 'Run `llama-server -m MODEL.gguf --port 8080`.',
  'docker-model-runner': () => 'Run `docker desktop enable model-runner --tcp 12434`.',
  vllm: (model) => `Run \`vllm serve ${model}\`.`,
  other: () => 'Start the server, and check address and port.',
};

const fetchModel: ByKind<(model: string) => string> = {
  ollama: (model) => `Run \`ollama pull ${model}\`.`,
  'lm-studio': (model) => `Run \`lms get ${model}\`.`,
  'llama.cpp': () => 'It serves the model that it was started with: start it with another one.',
  'docker-model-runner': (model) => `Run \`docker model pull ${model}\`.`,
  vllm: (model) => `It serves the model that it was started with: run \`vllm serve ${model}\`.`,
  other: () => 'Load the model in the server.',
};

/** Sources: https://docs.ollama.com/context-length, https://docs.docker.com/ai/model-runner/configuration/ */
const raise: ByKind<(model: string, tokens: number) => string> = {
  ollama: (_model, tokens) =>
    `Set the context length in the settings of the Ollama app, or run \`OLLAMA_CONTEXT_LENGTH=${tokens} ollama serve\`.`,
  'lm-studio': (model, tokens) => `Run \`lms load ${model} --context-length ${tokens}\`.`,
  'llama.cpp': (_model, tokens) => `Start it with \`--ctx-size ${tokens}\`.`,
  'docker-model-runner': (model, tokens) =>
    `Run \`docker model configure --context-size ${tokens} ${model}\`.`,
  vllm: (_model, tokens) => `Start it with \`--max-model-len ${tokens}\`.`,
  other: (_model, tokens) => `Start the server with a context of ${count(tokens)} tokens or more.`,
};

function getModel(finding: Extract<Finding, { type: 'model-missing' }>): string {
  const { kind, model, nearest } = finding;
  const near = nearest === null ? '' : `Did you mean ${quoted(nearest)}? `;
  return `${near}${fetchModel[kind](model)}`;
}

function presentWords(present: readonly string[]): string {
  if (present.length === 0) return 'It has none at all.';
  const more = present.length > shown ? ` and ${present.length - shown} more` : '';
  return `It has ${present.slice(0, shown).join(', ')}${more}.`;
}

const shown = 8;

function smallContext(finding: Extract<Finding, { type: 'context-small' }>): FindingWords {
  const { kind, model, by, tokens, floorTokens } = finding;
  const wanted = `an agent wants ${count(floorTokens)} or more`;
  if (by === 'model')
    return {
      problem: `${model} takes ${count(tokens)} tokens of context at most; ${wanted}.`,
      remedy: 'Choose a model with more.',
    };
  return {
    problem: `${serverNames[kind]} gives ${model} ${count(tokens)} tokens of context; ${wanted}.${lost(kind)}`,
    remedy: raise[kind](model, roomy(floorTokens)),
  };
}

/** Others refuse what does not fit. */
function lost(kind: LocalServerKind): string {
  return kind === 'ollama' ? ' What does not fit is cut off without a word.' : '';
}

/** Twice the floor: what is advised leaves room. */
function roomy(floorTokens: number): number {
  return floorTokens * 2;
}

function count(tokens: number): string {
  return tokens.toLocaleString('en-US');
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
