import { totalmem } from "node:os";
import type { LogFields } from "../observe/log.ts";
import { type ListenAddress, localOrigin } from "./flags.ts";

/** Log fields. A known reason says what to do, without a stack. */
export function startFailure(err: unknown, address: ListenAddress): LogFields {
  const code = err instanceof Error && "code" in err ? String(err.code) : "";
  const place = localOrigin(address);
  switch (code) {
    case "EADDRINUSE":
      return {
        code,
        reason: `${place} is in use: stop the program that listens there, or choose another --web.listen-address`,
      };
    case "EADDRNOTAVAIL":
      return { code, reason: `${place} is not an address of this machine: correct --web.listen-address` };
    case "EACCES":
      return { code, reason: `this user may not listen on ${place}: choose a port above 1023` };
  }
  if (code === "outbox_away" && err instanceof Error) {
    const cause = err.cause instanceof Error ? err.cause.message : err.message;
    return {
      code,
      reason: `the outbox's database cannot be reached (${cause}): correct storage, or start again when it answers`,
    };
  }
  if (err instanceof Error && code.startsWith("outbox_")) return { code, reason: err.message };
  return { err };
}

/** Of the machine, or less where its container has a limit. Without a limit Node returns 0, or more than there is. */
export function processMemoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

export type StopSignal = "SIGTERM" | "SIGINT";

/** Waits for the signal that ends the process. A second one ends it at once. */
export function untilSignal(): Promise<StopSignal> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve(signal);
      });
    }
  });
}
