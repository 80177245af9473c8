import { signInByBrowser } from './browser-flow.ts';
import { signInByDevice } from './device-flow.ts';
import type { OAuthFlow } from './flow.ts';
import type { FlowRun, Grant } from './flow-run.ts';

/**
 * Signs in as a flow describes. Nothing is kept here, and no error says a secret. Rejects with `signal.reason` on abort.
 * @throws HostError `credential.cancelled`, `.denied`, `.refused`, `.timed-out`, `.code-expired`, `.state-mismatch`,
 * `.issuer-mismatch`, `.port-busy`, `.browser-elsewhere`, `.unreachable`, `.malformed`, `.address`
 */
export async function signInWith(flow: OAuthFlow, run: FlowRun): Promise<Grant> {
  run.signal.throwIfAborted();
  switch (flow.type) {
    case 'browser':
      return signInByBrowser(flow, run);
    case 'device':
      return signInByDevice(flow, run);
  }
}
