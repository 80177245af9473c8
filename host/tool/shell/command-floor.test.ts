import { expect, test } from 'vitest';
import { needsEyes } from './command-floor.ts';

const suspect = [
  'X=1 npm test',
  'npm test && X=1 cmd',
  'A[0]+=x cmd',
  'env X=1 cmd',
  'env -i X=1 cmd',
  'if X=1 cmd; then :; fi',
  '(X=1 cmd)',
  'echo $(X=1 cmd)',
  'echo "$(X=1 cmd)"',
  'echo `X=1 cmd`',
  '2>/dev/null X=1 cmd',
  'export PATH=/tmp',
  'r\\m -rf x',
  "$'rm' x",
  '$CMD x',
  '"$CMD" x',
  '{rm,-rf,x}',
  'cd',
  'cd && rm -rf x',
  'pushd ; ls',
  'cd ~',
  'cd -P ~/x',
  'cd -',
  'cd "$HOME"',
  'echo x > .git/config',
  "echo x >.g'i't/config",
  'echo x >> "sub/.GIT/hooks/x"',
  'cp x .vscode',
  'tee .opencode/opencode.json',
  'mv a opencode.json',
  'cp a x.code-workspace',
  'cp a --target=.vscode/',
  'git -C.git status',
  'cp a .gi*/config',
  "bash -c 'echo x > .git/config'",
  "echo 'open",
];

const plain = [
  'npm test && echo ok > out.txt',
  'git status',
  'git commit -m "a=b, and more"',
  'cd src && ls',
  'ls *.ts | head -5 2>&1',
  'grep -rn "x y" src; cat .gitignore',
  'git clone https://github.com/a/b.git .',
  'npm run build -- --mode=production > /dev/null 2>&1',
  'make FOO=1',
  'echo $HOME',
  'find . -name "*.json"',
];

test('a command that its words do not settle needs eyes', () => {
  expect(suspect.filter((command) => !needsEyes(command))).toEqual([]);
});

test('an ordinary command needs none', () => {
  expect(plain.filter(needsEyes)).toEqual([]);
});
