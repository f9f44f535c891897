// Short ways to move an outbox in a test.

import { Readable } from "node:stream";
import type { Outbox } from "../../../src/outbox/store.ts";
import type { RowCounts } from "../../../src/outbox/transfer.ts";

export const windowMs = 60_000;

export async function exported(outbox: Outbox, machineNow = Date.now): Promise<readonly string[]> {
  const lines: string[] = [];
  await outbox.exportTo(async (line) => void lines.push(line), machineNow);
  return lines;
}

export function importing(outbox: Outbox, lines: readonly string[], machineNow = Date.now): Promise<RowCounts> {
  return outbox.importFrom(Readable.from(lines), { machineNow, windowMs });
}

/** All between the head, which holds the time of the export, and the end, which vouches for the head too. */
export function rowsIn(lines: readonly string[]): readonly string[] {
  return lines.slice(1, -1);
}
