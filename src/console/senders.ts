// Who posts webhooks, when each was heard of last, and why it was refused last.

import { senderText } from "../domain/history-answer.ts";
import type { SenderSeen } from "../domain/sender.ts";
import { maskSecrets } from "../observe/mask.ts";
import type { Visit } from "./page.ts";
import type { Times } from "./times.ts";

export interface SenderRow {
  readonly sender: string;
  readonly receiver: string;
  readonly level: "ok" | "bad";
  readonly posted: string;
  readonly refused: string | null;
  readonly refusal: string;
}

/** Those whose last request was refused come first. */
export function senderRows(senders: readonly SenderSeen[], { strings }: Visit, times: Times): readonly SenderRow[] {
  const rows = senders.map((seen): SenderRow => {
    const { receiver, postedAt, refusedAt, refusal } = seen;
    return {
      sender: maskSecrets(senderText(seen)),
      receiver,
      level: refusedAt > postedAt ? "bad" : "ok",
      posted: postedAt === 0 ? strings.history.neverPosted : times.at(postedAt),
      refused: refusedAt === 0 ? null : times.at(refusedAt),
      refusal: maskSecrets(refusalText(refusal)),
    };
  });
  return [...rows.filter(({ level }) => level === "bad"), ...rows.filter(({ level }) => level === "ok")];
}

/** As the sender was answered: status, code and what to change. */
function refusalText(refusal: string): string {
  const [, status = "", code = "", message = ""] =
    /^(\d+) \{"error":"(\w+)","message":("(?:[^"\\]|\\.)*")/su.exec(refusal) ?? [];
  return message === "" ? refusal : `${status} ${code}: ${JSON.parse(message)}`;
}
