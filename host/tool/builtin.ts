import { editTool } from './builtin/edit.ts';
import { globTool } from './builtin/glob.ts';
import { grepTool } from './builtin/grep.ts';
import { readTool } from './builtin/read.ts';
import { shellTool } from './builtin/shell.ts';
import { writeTool } from './builtin/write.ts';
import type { AnyTool } from './tool.ts';
import type { ToolWorld } from './tool-world.ts';

/** The tools of a Location (TL-02). A new one is its file and a line here. */
export function builtinTools(world: ToolWorld): readonly AnyTool[] {
  return [
    readTool(world),
    writeTool(world),
    editTool(world),
    globTool(world),
    grepTool(world),
    shellTool(world),
  ];
}
