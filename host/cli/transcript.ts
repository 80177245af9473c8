import { errorWords } from '#shared/error-words.ts';
import { joinTexts } from '#shared/join-texts.ts';
import type { MessageInfo } from '#shared/message.ts';
import type { Part, ToolPart } from '#shared/part.ts';
import type { MessageWithParts, Session } from '#shared/session.ts';
import { say } from '#shared/words.ts';
import { minuteOf } from './local-time.ts';
import { plainLine, plainLines } from './plain-text.ts';

/** A conversation to be read: prompts and answers as they were written, one line for each tool call. */
export function transcript(info: Session, messages: readonly MessageWithParts[]): string {
  const model = info.model?.modelID ? `${info.model.providerID}/${info.model.modelID}` : undefined;
  const facts = [info.id, minuteOf(info.time.created), info.agent, model, info.directory];
  const head = [info.title, facts.filter((fact) => fact !== undefined).join(' · ')].map(plainLine);
  const blocks = messages.flatMap((message) => [
    ...(message.info.id === info.revert?.messageID ? [say({}, 'cli.show.reverted')] : []),
    ...blockOf(message),
  ]);
  return `${[head.join('\n'), ...blocks].join('\n\n')}\n`;
}

function blockOf({ info, parts }: MessageWithParts): readonly string[] {
  const lines = [...joinTexts(parts).flatMap(partLines), ...endLines(info)];
  if (lines.length === 0) return [];
  if (info.role === 'user' && info.synthetic) return [lines.join('\n')];
  const who = info.role === 'user' ? say({}, 'transcript.you') : say({}, 'app.name');
  return [`${who} · ${minuteOf(info.time.created)}\n${lines.join('\n')}`];
}

function partLines(part: Part): readonly string[] {
  switch (part.type) {
    case 'text':
      return part.text.trim() === '' ? [] : [plainLines(part.text.trim())];
    case 'tool':
      return [`  ${toolLine(part)}`];
    case 'context':
      return [say({}, 'transcript.context', [part.sources.join(', ')])];
    case 'compaction':
      return [say({}, 'cli.show.compacted')];
    case 'native':
      return part.text === '' ? [] : [plainLine(`  ${part.name}: ${part.text}`)];
    case 'retry':
    case 'reasoning':
    case 'step-finish':
      return [];
  }
}

function toolLine({ tool, state }: ToolPart): string {
  switch (state.status) {
    case 'completed': {
      const { additions = 0, deletions = 0 } = state.metadata;
      const changes = additions + deletions > 0 ? ` +${additions} −${deletions}` : '';
      return plainLine(`${tool} ${state.title}${changes}`);
    }
    case 'error':
      return plainLine(`${tool}: ${say({}, `tool.${state.failure}`)}: ${state.error}`);
    case 'pending':
    case 'running':
      return plainLine(`${tool}: ${say({}, 'cli.show.open')}`);
  }
}

function endLines(info: MessageInfo): readonly string[] {
  if (info.role !== 'assistant' || !info.error) return [];
  if (info.error.name === 'MessageAbortedError') return [say({}, 'transcript.interrupted')];
  const { happened, args } = errorWords(info.error);
  return [plainLine(say({}, happened, args))];
}
