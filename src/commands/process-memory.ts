// How much memory this process may use.

import { totalmem } from "node:os";

/** Bytes: of the machine, or less where its container has a limit. Without a limit Node says 0, or more than there is. */
export function processMemoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
