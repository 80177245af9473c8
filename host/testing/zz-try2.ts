import { nodeProcesses } from '../node/processes.ts';
const env = {PATH: process.env.PATH ?? ''};
for (let i=0;i<4;i++) { const t=performance.now(); const p = await nodeProcesses.start({program:'/usr/bin/bash', args:['-c','true'], directory:'/tmp', environment: env}); const t1=performance.now(); for await (const _ of p.stdout); const t2=performance.now(); await p.ended; console.log((t1-t).toFixed(1),(t2-t1).toFixed(1),(performance.now()-t2).toFixed(1)); }
