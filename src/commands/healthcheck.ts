// Asks a service on this machine whether it is healthy, for Docker's HEALTHCHECK in an image without curl. With TLS it does not
// verify the certificate, which names the service's public host: the request stays on this machine and has no content.

import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { type Command, exitCode, exitWith } from "./command.ts";
import { connectFailure } from "./connect-failure.ts";
import { listenAddressFlag, localOrigin, parseListenAddress, webConfigFlag } from "./flags.ts";
import { loadWebSetup } from "./web-setup.ts";

const healthcheckTimeoutMs = 3_000;

export const healthcheckCommand: Command = {
  name: "healthcheck",
  operands: "",
  help: "exits 0 when the service on this machine is healthy",
  flags: {
    "web.listen-address": listenAddressFlag,
    "web.config.file": webConfigFlag,
  },
  async run(flags, terminal) {
    if (flags.operands.length > 0) {
      return exitWith(exitCode.usage, "healthcheck takes flags only; --help lists them", terminal);
    }
    const listen = parseListenAddress(flags);
    if (listen.kind === "usage") return exitWith(exitCode.usage, listen.message, terminal);
    const web = loadWebSetup(flags.values.get("web.config.file") ?? null);
    if (web.kind === "invalid") return exitWith(exitCode.failed, web.issues, terminal);
    const origin = localOrigin(listen.address);
    const url = `${web.web.tls === null ? origin : origin.replace(/^http:/, "https:")}/-/healthy`;
    // A server that asks for a client certificate ends a handshake without one. That it does so shows that it runs.
    const handshakeSuffices = ["any", "verified"].includes(web.web.tls?.clientCertificate ?? "none");
    const defect = await healthDefect(url, handshakeSuffices);
    return defect === null ? exitCode.ok : exitWith(exitCode.failed, `${url} ${defect}`, terminal);
  },
};

/** Null when healthy. */
function healthDefect(url: string, handshakeSuffices: boolean): Promise<string | null> {
  return new Promise((resolve) => {
    const request = url.startsWith("https:")
      ? tlsRequest(url, { rejectUnauthorized: false, timeout: healthcheckTimeoutMs })
      : plainRequest(url, { timeout: healthcheckTimeoutMs });
    let handshakeDone = false;
    request.on("socket", (socket) => {
      socket.once("secureConnect", () => {
        handshakeDone = true;
      });
    });
    request.on("response", (response) => {
      response.resume();
      const { statusCode } = response;
      resolve(statusCode === 200 ? null : `answered ${statusCode}`);
    });
    request.on("timeout", () => request.destroy(new Error(`no answer within ${healthcheckTimeoutMs} ms`)));
    request.on("error", (error: NodeJS.ErrnoException) => {
      // TLS 1.2 rejects the client within the handshake, TLS 1.3 after it.
      const answered = handshakeDone || /^(?:ERR_SSL_|EPROTO)/.test(error.code ?? "");
      resolve(handshakeSuffices && answered ? null : `did not answer: ${connectFailure(error)}`);
    });
    request.end();
  });
}
