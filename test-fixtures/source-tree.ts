import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

/** A source file of the project, as the checks on its structure see it. */
export interface SourceFile {
  /** From the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  readonly isTest: boolean;
  readonly imports: readonly SourceImport[];
  readonly functions: readonly SourceFunction[];
}

export interface SourceImport {
  /** A path of the project, or a package's name. */
  readonly target: string;
  readonly ours: boolean;
  /** Nothing of it is there at run time. */
  readonly typeOnly: boolean;
}

export interface SourceFunction {
  readonly line: number;
  readonly lines: number;
  readonly params: number;
}

export const projectRoot = join(import.meta.dirname, '..');

/** Every TypeScript file that git tracks, or would track, parsed. */
export function sourceFiles(): readonly SourceFile[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx'],
    {
      cwd: projectRoot,
      encoding: 'utf8',
    },
  );
  const paths = [...new Set(listed.split('\n'))].filter(
    (path) => path !== '' && !path.includes('/workspaces/'),
  );
  return paths.flatMap((path) => {
    const text = readOrUndefined(join(projectRoot, path));
    return text === undefined || path.endsWith('.d.ts') ? [] : [parseFile(path, text)];
  });
}

/** A file that was deleted and is still listed is no file. */
function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function parseFile(path: string, text: string): SourceFile {
  const { program, module } = parseSync(path, text);
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length;
  const functions: SourceFunction[] = [];
  const onFunction = (node: { start: number; end: number; params: readonly unknown[] }) => {
    const line = lineAt(node.start);
    functions.push({ line, lines: lineAt(node.end) - line + 1, params: node.params.length });
  };
  const imports: SourceImport[] = module.staticImports.map(({ moduleRequest, entries }) =>
    resolveImport(path, moduleRequest.value, entries.length > 0 && entries.every(({ isType }) => isType)),
  );
  for (const { moduleRequest, isType } of module.staticExports.flatMap(({ entries }) => entries)) {
    if (moduleRequest) imports.push(resolveImport(path, moduleRequest.value, isType));
  }
  new Visitor({
    FunctionDeclaration: onFunction,
    FunctionExpression: onFunction,
    ArrowFunctionExpression: onFunction,
    ImportExpression: ({ source }) => {
      if (source.type === 'Literal' && typeof source.value === 'string')
        imports.push(resolveImport(path, source.value, false));
    },
  }).visit(program);
  return {
    path,
    text,
    lines: text.split('\n').length - 1,
    isTest: /\.(test|e2e)\.tsx?$/.test(path),
    imports,
    functions,
  };
}

function resolveImport(path: string, target: string, typeOnly: boolean): SourceImport {
  if (target.startsWith('#')) return { target: target.slice(1), ours: true, typeOnly };
  if (target.startsWith('.')) {
    const whole = join(projectRoot, dirname(path), target);
    return { target: relative(projectRoot, whole), ours: true, typeOnly };
  }
  return { target, ours: false, typeOnly };
}
