// The bytes of the default messages of the scenarios `message-*`, beside what their design aims at. Run by itself it
// prints them: `node test/golden/message-bytes.ts`.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { messageText, type WecomMessage } from "../../src/wecom/message.ts";

const kinds = ["markdown", "markdown in English", "markdown_v2", "text"] as const;

/** Bytes in the order of `kinds`; 0: there is no aim. */
const aims: Readonly<Record<string, readonly number[]>> = {
  "message-one-critical": [473, 470, 448, 230],
  "message-one-resolved": [417, 393, 363, 345],
  "message-three-pods": [1059, 1051, 1010, 517],
  "message-twenty-five-hosts": [1506, 1506, 1498, 913],
  "message-four-names": [1490, 1481, 1354, 874],
  "message-long-description": [1531, 1521, 1535, 922],
  "message-no-data-and-error": [881, 878, 822, 559],
  "message-eighteen-labels": [1149, 1128, 1095, 610],
  "message-reminder": [906, 899, 837, 437],
  "message-storm-digest": [1145, 1133, 0, 0],
};

export interface MessageBytes {
  readonly scenario: string;
  readonly kind: string;
  readonly bytes: number;
  readonly aim: number;
}

export function messageBytes(): readonly MessageBytes[] {
  return Object.entries(aims).flatMap(([scenario, ofKinds]) =>
    ofKinds.flatMap((aim, index) => {
      const kind = kinds[index] ?? "";
      const folder = kind === "markdown in English" ? `${scenario}-in-english` : scenario;
      return aim === 0 ? [] : [{ scenario, kind, bytes: bytesOf(folder, kind.split(" ")[0] ?? ""), aim }];
    }),
  );
}

function bytesOf(folder: string, msgtype: string): number {
  const path = join(import.meta.dirname, folder, "out.json");
  const outs = existsSync(path)
    ? (JSON.parse(readFileSync(path, "utf8")) as { messages: readonly WecomMessage[] }[])
    : [];
  const sent = outs.flatMap(({ messages }) => messages).filter((message) => message.msgtype === msgtype);
  return sent.reduce((sum, message) => sum + Buffer.byteLength(messageText(message)), 0);
}

if (import.meta.main) {
  const rows = messageBytes();
  for (const { scenario, kind, bytes, aim } of rows) {
    console.log(`${scenario.padEnd(30)}${kind.padEnd(22)}${String(bytes).padStart(6)}${String(aim).padStart(6)}`);
  }
  const sum = (read: (row: MessageBytes) => number) => rows.reduce((total, row) => total + read(row), 0);
  const [bytes, aim] = [sum((row) => row.bytes), sum((row) => row.aim)];
  console.log(
    `${"in all".padEnd(52)}${String(bytes).padStart(6)}${String(aim).padStart(6)}  ${(bytes / aim).toFixed(3)}`,
  );
}
