import { defineConfig } from 'vitest/config';

// Three suites: unit tests stand beside their file, integration tests drive built programs, e2e drives a real editor.
const everywhere = ['shared', 'host', 'extension', 'webview', 'test-fixtures', 'bench'];

export default defineConfig({
  test: {
    // By itself it leaves one core idle, which on a machine with two is half of them.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          globalSetup: ['test-fixtures/run/bundle-worker.ts'],
          testTimeout: 30_000,
          include: ['*.test.ts', ...everywhere.map((world) => `${world}/**/*.test.{ts,tsx}`)],
          exclude: ['**/*.integration.test.ts', '**/node_modules/**', '**/workspaces/**'],
        },
      },
      {
        test: {
          name: 'integration',
          globalSetup: ['test-fixtures/run/bundle-worker.ts'],
          include: everywhere.map((world) => `${world}/**/*.integration.test.ts`),
          testTimeout: 60_000,
          expect: { poll: { timeout: 10_000 } },
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test-fixtures/editor/**/*.e2e.ts'],
          testTimeout: 120_000,
          expect: { poll: { timeout: 20_000 } },
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
