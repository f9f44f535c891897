// `/api/v1/history`: what became of alerts. It shows alert text.

import { Router } from "express";
import { type AlertOutcome, alertOutcomes, type History, type HistoryQuery } from "../domain/history.ts";
import { historyAnswer } from "../domain/history-answer.ts";
import { answerError } from "./dead-api.ts";

/** With the outbox's clock, which made the instants on record. */
type TimedHistory = History & { now(): number };

const defaultSpanMs = 3_600_000;
const defaultEntries = 100;
const maxEntries = 1_000;

/** Of those that are answered: enough to see who is missing. */
const sendersShown = 100;

export function historyApi(history: TimedHistory): Router {
  const router = Router();
  router.get("/history", async (req, res) => {
    const query = historyQueryOf(req.query, history.now());
    if (typeof query === "string") return answerError(res, 400, query);
    const [page, senders] = await Promise.all([history.history(query), history.senders()]);
    res.set("Cache-Control", "no-store").json(historyAnswer(page, senders.slice(0, sendersShown)));
  });
  router.all("/history", (_req, res) => {
    res.set("Allow", "GET, HEAD");
    answerError(res, 405, "use GET or HEAD");
  });
  return router;
}

/** What is wrong, when something is. Without `from` and `to`, the last hour; of a delivery, any time. */
function historyQueryOf(given: Readonly<Record<string, unknown>>, now: number): HistoryQuery | string {
  const text = (name: string) => (typeof given[name] === "string" ? given[name] : "");
  const outcome = text("outcome");
  const limit = text("limit") === "" ? defaultEntries : Number(text("limit"));
  const untilAt = text("to") === "" ? now + 1 : instantOf(text("to"));
  const deliveryId = text("delivery") === "" ? null : Number(text("delivery"));
  const longAgo = deliveryId === null ? (untilAt ?? now) - defaultSpanMs : 0;
  const fromAt = text("from") === "" ? longAgo : instantOf(text("from"));
  if (untilAt === null || fromAt === null) return "from and to must be times like 2026-11-30T03:00:00+08:00";
  if (outcome !== "" && !isOutcome(outcome)) return `outcome must be one of: ${alertOutcomes.join(", ")}`;
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= maxEntries))
    return `limit must be a number from 1 to ${maxEntries}`;
  if (deliveryId !== null && !Number.isSafeInteger(deliveryId)) return "delivery must be the id of a delivery";
  return {
    fromAt,
    untilAt,
    text: text("q"),
    bot: text("bot") === "" ? null : text("bot"),
    outcome: isOutcome(outcome) ? outcome : null,
    deliveryId,
    after: text("after") === "" ? null : text("after"),
    maxEntries: limit,
  };
}

function isOutcome(text: string): text is AlertOutcome {
  return alertOutcomes.some((outcome) => outcome === text);
}

/** A time without a zone is refused: it would mean another one in another place. */
function instantOf(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+ -]\d\d:?\d\d)$/i.test(text)) return null;
  // A plus sign that was not escaped arrives as a blank.
  const at = Date.parse(text.replace(/^(\S+) (\d\d:?\d\d)$/, "$1+$2"));
  return Number.isNaN(at) ? null : at;
}
