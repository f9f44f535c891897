// Reads a webhook body for a command: a file, or `-` for stdin.

import { readFileSync } from "node:fs";

export type Payload =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "unreadable"; readonly message: string };

export function readPayload(path: string): Payload {
  try {
    return { kind: "bytes", bytes: readFileSync(path === "-" ? 0 : path) };
  } catch (cause) {
    return { kind: "unreadable", message: cause instanceof Error ? cause.message : String(cause) };
  }
}
