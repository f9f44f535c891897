// The table of a run: each promise beside what happened. Returns false if a promise is broken or was not tested.

import type { Evidence } from "./evidence.ts";
import type { Judgement, Repeat } from "./judge.ts";
import type { TroubleKind, Troubles } from "./trouble.ts";

export interface Reported {
  readonly judgement: Judgement;
  readonly evidence: Evidence;
  readonly troubles: Troubles;
  readonly webhooks: number;
  readonly alerts: number;
  readonly largestWindow: number;
  readonly violations: number;
  readonly keysShown: number;
}

interface Row {
  readonly what: string;
  readonly seen: string | number;
  readonly promised: string;
  readonly kept: boolean;
}

export function printReport(reported: Reported): boolean {
  const rows = [...doneRows(reported), ...promiseRows(reported)];
  console.table(
    Object.fromEntries(rows.map(({ what, ...cells }) => [what, { ...cells, kept: cells.kept ? "yes" : "NO" }])),
  );
  const { undelivered, deliveredTwice, disordered, repeats } = reported.judgement;
  const wrong = repeats.filter((repeat) => !repeat.inDoubt || isUnmarked(repeat) || repeat.again.length > 1);
  for (const repeat of wrong) console.log(JSON.stringify(repeat));
  for (const [what, which] of Object.entries({ undelivered, deliveredTwice, disordered })) {
    if (which.length > 0) console.log(`${what}: ${which.slice(0, 20).join(", ")}`);
  }
  return rows.every(({ kept }) => kept);
}

/** What must have happened for the promises to be tested. */
function doneRows({ judgement, evidence, troubles, webhooks, alerts, largestWindow }: Reported): readonly Row[] {
  const { modes, shown } = evidence;
  const count = (kind: TroubleKind) => troubles.all.filter((trouble) => trouble.kind === kind).length;
  const done = (what: string, seen: number, least: number): Row => {
    return { what, seen, promised: `>= ${least}`, kept: seen >= least };
  };
  return [
    done("webhooks accepted", webhooks, 1),
    done("alerts in them", alerts, webhooks),
    done("messages that robots accepted", shown.length, 1),
    done("replicas killed", count("kill"), 1),
    done("replicas paused for 2.5 leases", count("pause"), 1),
    done("replicas stopped", count("stop"), 1),
    done("server restarted", count("restart"), 2),
    done("network to the server cut for 3 leases", count("cut"), 1),
    done("the same for one replica", count("cutOne"), 1),
    done("messages in several parts", judgement.severalParts, 1),
    done("digests", (modes.digest ?? 0) + (modes.file ?? 0), 1),
    done("digests with a file", modes.file ?? 0, 0),
    done("slots of one window used", largestWindow, 20),
  ];
}

function promiseRows({ judgement, evidence, troubles, ...rest }: Reported): readonly Row[] {
  const { repeats, mostPerKey, mostPerTrouble } = judgement;
  const causes = troubles.all.filter(({ kind }) => kind !== "stop" && kind !== "restart");
  const none = (what: string, seen: number): Row => ({ what, seen, promised: "0", kept: seen === 0 });
  const most = (what: string, seen: number, limit: number): Row => {
    return { what, seen, promised: `<= ${limit}`, kept: seen <= limit };
  };
  const window = rest.largestWindow;
  return [
    none("alerts undelivered", judgement.undelivered.length),
    none("alerts stored twice", evidence.storedTwice),
    none("alerts sent twice, in two deliveries", judgement.deliveredTwice.length),
    { what: "messages repeated", seen: repeats.length, promised: "", kept: true },
    { what: "  by the trouble during which the first arrived", seen: causesOf(repeats), promised: "", kept: true },
    most("  of one key, in total: one for each kill, pause and cut", mostPerKey, causes.length),
    most("  of one key, during one of them", mostPerTrouble, 1),
    none("  not in doubt", repeats.filter(({ inDoubt }) => !inDoubt).length),
    none("  without the mark (a file has no room for it)", repeats.filter(isUnmarked).length),
    most("most arrivals of a key in any 60 s", window, 20),
    none("messages whose parts are out of order", judgement.disordered.length),
    none("messages unknown to the outbox", judgement.unknown),
    none("violations of the robot's rules", rest.violations),
    none("keys shown in the output of replicas", rest.keysShown),
    none("stops that did not exit with 0", troubles.uncleanStops),
  ];
}

/** A file has no room for the mark. */
function isUnmarked({ again }: Repeat): boolean {
  return again.some(({ marked, isFile }) => !marked && !isFile);
}

function causesOf(repeats: readonly Repeat[]): string {
  const counts = Map.groupBy(repeats, ({ during }) => during?.kind ?? "nothing");
  return [...counts].map(([kind, { length }]) => `${kind} ${length}`).join(", ");
}
