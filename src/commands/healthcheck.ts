// Asks a running service whether it is healthy, for Docker's HEALTHCHECK: an image without curl can still check itself. With
// TLS it does not look at the certificate, whose names are for others: it asks its own machine and sends nothing.

import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import type { Command } from "./command.ts";
import { exitCode } from "./exit-code.ts";
import { localOrigin, parseListenAddress } from "./listen-address.ts";
import { configFlags, webFlags } from "./shared-flags.ts";
import { loadWebSetup } from "./web-setup.ts";

const timeoutMs = 3_000;

export const healthcheckCommand: Command = {
  name: "healthcheck",
  operands: "",
  help: "exits 0 when the service on this machine is healthy",
  flags: { "web.listen-address": configFlags["web.listen-address"], ...webFlags },
  async run(flags, terminal) {
    const parsed = parseListenAddress(flags.text.get("web.listen-address") ?? ":8060");
    if (parsed.kind === "faulty") {
      terminal.err(parsed.message);
      return exitCode.usage;
    }
    const web = loadWebSetup(flags.text.get("web.config.file") ?? null);
    if (web.kind === "invalid") {
      for (const issue of web.issues) terminal.err(issue);
      return exitCode.failed;
    }
    const origin = localOrigin(parsed.address);
    const url = `${web.web.tls === null ? origin : origin.replace(/^http:/, "https:")}/-/healthy`;
    // A server that wants a client's certificate ends a handshake without one; that it does so is all that can be asked.
    const wantsCertificate = ["any", "verified"].includes(web.web.tls?.clientCertificate ?? "none");
    const found = await ask(url, wantsCertificate);
    if (found === null) return exitCode.ok;
    terminal.err(`${url} ${found}`);
    return exitCode.failed;
  },
};

/** Null when healthy, else what happened instead. */
function ask(url: string, handshakeSuffices: boolean): Promise<string | null> {
  return new Promise((resolve) => {
    const request = url.startsWith("https:")
      ? tlsRequest(url, { rejectUnauthorized: false, timeout: timeoutMs })
      : plainRequest(url, { timeout: timeoutMs });
    let shookHands = false;
    request.on("socket", (socket) => {
      socket.once("secureConnect", () => {
        shookHands = true;
      });
    });
    request.on("response", (response) => {
      response.resume();
      const { statusCode } = response;
      resolve(statusCode === 200 ? null : `answered ${statusCode}`);
    });
    request.on("timeout", () => request.destroy(new Error(`nothing within ${timeoutMs} ms`)));
    request.on("error", (error: NodeJS.ErrnoException) => {
      // TLS 1.2 says within the handshake what 1.3 says after it.
      const answered = shookHands || /^(?:ERR_SSL_|EPROTO)/.test(error.code ?? "");
      resolve(handshakeSuffices && answered ? null : `did not answer: ${error.message}`);
    });
    request.end();
  });
}
