// Worker entry: the product's own store worker, in a process that dies at a moment it is told.
import { BroadcastChannel } from 'node:worker_threads';
import { type Break, breakFileSystem } from '#host/store/testing/breaking-fs.ts';

const fileSystem = breakFileSystem();
const channel = new BroadcastChannel('millrace-break');
channel.onmessage = (message) => {
  // Only the program beside this file speaks here.
  fileSystem.arm((message as { readonly data: Break }).data);
  new BroadcastChannel('millrace-armed').postMessage('armed');
};
channel.unref();
await import('#host/store-worker.ts');
