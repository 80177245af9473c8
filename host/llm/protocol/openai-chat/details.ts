import type { ReasoningDetail } from './wire.ts';

/**
 * Streamed pieces of `reasoning_details` joined to the blocks that have to go back unchanged. Text of consecutive
 * pieces of one block grows, other fields take the newest value, encrypted blocks stay apart.
 * Source: https://openrouter.ai/docs/use-cases/reasoning-tokens
 */
export function joinDetails(
  known: readonly ReasoningDetail[],
  pieces: readonly ReasoningDetail[],
): readonly ReasoningDetail[] {
  if (pieces.length === 0) return known;
  const blocks = [...known];
  for (const piece of pieces) {
    const last = blocks.at(-1);
    if (last !== undefined && sameBlock(last, piece)) blocks[blocks.length - 1] = joined(last, piece);
    else blocks.push(piece);
  }
  return blocks;
}

const growing = ['text', 'summary'] as const;

function sameBlock(block: ReasoningDetail, piece: ReasoningDetail): boolean {
  const grows =
    growing.some((field) => typeof block[field] === 'string') || block['type'] === 'reasoning.text';
  return grows && block['type'] === piece['type'] && block['index'] === piece['index'];
}

function joined(block: ReasoningDetail, piece: ReasoningDetail): ReasoningDetail {
  const news = Object.fromEntries(Object.entries(piece).filter(([, value]) => value !== null));
  const grown = growing.flatMap((field) => {
    const [before, after] = [block[field], piece[field]];
    return typeof before === 'string' && typeof after === 'string' ? [[field, before + after]] : [];
  });
  return { ...block, ...news, ...Object.fromEntries(grown) };
}
