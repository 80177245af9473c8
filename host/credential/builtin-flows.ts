import type { Flow } from './flow.ts';
import { azureFlows } from './flows/azure.ts';
import { cloudflareFlows } from './flows/cloudflare.ts';
import { digitaloceanFlows } from './flows/digitalocean.ts';
import { githubCopilotFlows } from './flows/github-copilot.ts';
import { openaiFlows } from './flows/openai.ts';
import { snowflakeCortexFlows } from './flows/snowflake-cortex.ts';
import { xaiFlows } from './flows/xai.ts';

/** Every way to sign in that is described; for any other provider a key can be pasted. */
export const builtinFlows: readonly Flow[] = [
  ...openaiFlows,
  ...githubCopilotFlows,
  ...xaiFlows,
  ...azureFlows,
  ...cloudflareFlows,
  ...digitaloceanFlows,
  ...snowflakeCortexFlows,
];
