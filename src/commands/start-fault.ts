// Why a service could not start, for the person at the keyboard: what to do, without a stack, when the fault is one we know.

import type { LogFields } from "../observe/log.ts";
import { type ListenAddress, localOrigin } from "./listen-address.ts";

export function startFault(err: unknown, address: ListenAddress): LogFields {
  const code = err instanceof Error && "code" in err ? String(err.code) : "";
  const place = localOrigin(address);
  switch (code) {
    case "EADDRINUSE":
      return {
        code,
        reason: `${place} is in use: stop the program that listens there, or choose another --web.listen-address`,
      };
    case "EADDRNOTAVAIL":
      return { code, reason: `${place} is no address of this machine: correct --web.listen-address` };
    case "EACCES":
      return { code, reason: `this user may not listen on ${place}: choose a port above 1023` };
  }
  if (code === "outbox_away" && err instanceof Error) {
    const cause = err.cause instanceof Error ? err.cause.message : err.message;
    return {
      code,
      reason: `the outbox's database can not be reached (${cause}): correct storage, or start again when it answers`,
    };
  }
  if (err instanceof Error && code.startsWith("outbox_")) return { code, reason: err.message };
  return { err };
}
