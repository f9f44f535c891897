// Asks a running service whether it is healthy, for Docker's HEALTHCHECK: an image without curl can still check itself.

import type { Command } from "./command.ts";
import { exitCode } from "./exit-code.ts";
import { localOrigin, parseListenAddress } from "./listen-address.ts";
import { configFlags } from "./shared-flags.ts";

const timeoutMs = 3_000;

export const healthcheckCommand: Command = {
  name: "healthcheck",
  operands: "",
  help: "exits 0 when the service on this machine is healthy",
  flags: { "web.listen-address": configFlags["web.listen-address"] },
  async run(flags, terminal) {
    const parsed = parseListenAddress(flags.text.get("web.listen-address") ?? ":8060");
    if (parsed.kind === "faulty") {
      terminal.err(parsed.message);
      return exitCode.usage;
    }
    const url = `${localOrigin(parsed.address)}/-/healthy`;
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
      if (answer.ok) return exitCode.ok;
      terminal.err(`${url} answered ${answer.status}`);
    } catch (cause) {
      terminal.err(`${url} did not answer: ${reasonOf(cause)}`);
    }
    return exitCode.failed;
  },
};

/** fetch hides the reason in the cause. */
function reasonOf(failure: unknown): string {
  const cause = failure instanceof Error && failure.cause instanceof Error ? failure.cause : failure;
  return cause instanceof Error ? cause.message : String(cause);
}
