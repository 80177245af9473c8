import type { AssistantMessage } from '../../schema.ts';
import { fieldsOf } from '../error-body.ts';
import type { AssistantBlock } from './wire.ts';
import { protocolID } from './wire.ts';

type Content = AssistantMessage['content'];

/** Without what an answer that was cut off left in half: a tool that the server ran goes back only with its result. */
export function pairedContent(content: Content): Content {
  const asked = new Map(content.map((each, index) => [idIn(each, 'toolUse'), index]));
  const answered = new Map(content.map((each, index) => [idIn(each, 'toolResult'), index]));
  return content.filter((each, index) => {
    const [call, result] = [idIn(each, 'toolUse'), idIn(each, 'toolResult')];
    if (call !== undefined) return (answered.get(call) ?? -1) > index;
    return result === undefined || (asked.get(result) ?? index) < index;
  });
}

/** Without the thoughts at its end: the format wants something behind them. */
export function endedBlocks(blocks: readonly AssistantBlock[]): readonly AssistantBlock[] {
  return blocks.slice(0, blocks.findLastIndex((block) => !('reasoningContent' in block)) + 1);
}

function idIn(content: Content[number], kind: 'toolUse' | 'toolResult'): unknown {
  if (content.type !== 'native') return undefined;
  const { block } = fieldsOf(content.metadata[protocolID]);
  return fieldsOf(fieldsOf(block)[kind])['toolUseId'];
}
