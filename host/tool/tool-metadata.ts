import type { ToolMetadata } from '#shared/part.ts';

const maxTailBytes = 4_096;
const maxDiffBytes = 64 * 1024;

/** Keeps what a tool shows beside its output small, whatever it gave. */
export function boundMetadata(metadata: ToolMetadata): ToolMetadata {
  const { tail, diff } = metadata;
  return {
    ...metadata,
    ...(tail !== undefined && { tail: lastBytes(tail) }),
    ...(diff !== undefined && { diff: firstLines(diff) }),
  };
}

function lastBytes(text: string): string {
  const bytes = Buffer.from(text.slice(-maxTailBytes));
  return bytes.length <= maxTailBytes
    ? bytes.toString()
    : bytes.subarray(-maxTailBytes).toString().replace(half, '');
}

const half = /^\uFFFD+/;

function firstLines(diff: string): string {
  if (Buffer.byteLength(diff) <= maxDiffBytes) return diff;
  const kept = Buffer.from(diff).subarray(0, maxDiffBytes).toString();
  const lines = kept.slice(0, kept.lastIndexOf('\n'));
  return `${lines}\n\\ The rest of the diff is left out.\n`;
}
