// Follows up on the silences that were set on the phone page, with what the configuration in use knows of Alertmanagers.

import type { Alertmanagers } from "./actions/alertmanagers.ts";
import { lookAtDueWatches } from "./actions/watch-silences.ts";
import type { Config } from "./config/config.ts";
import type { FollowUpResult, SilenceWatch } from "./domain/action.ts";
import { firstAlertNames } from "./domain/alert.ts";
import { parseRoutedGroup } from "./domain/notification.ts";
import type { Sender } from "./domain/sender.ts";
import { OutboxAway } from "./outbox/errors.ts";
import { acceptOwn } from "./own-notifications.ts";
import type { SharedParts } from "./service-parts.ts";

/** As the history shows it. */
const sender: Sender = { address: "alertmanager-wecom", userAgent: "" };

interface FollowUpParts {
  readonly config: Config;
  readonly alertmanagers: Alertmanagers;
  readonly stopping: AbortSignal;
}

/** Never rejects. What cannot be done now is due again in a minute. */
export async function followUpSilences(
  { config, alertmanagers, stopping }: FollowUpParts,
  shared: SharedParts,
): Promise<void> {
  const { outbox, log } = shared;
  const failed = (err: unknown) => {
    // That its database is away, the outbox reports once.
    if (!(err instanceof OutboxAway) && !stopping.aborted)
      log.error({ err }, "failed to follow up on a silence, will retry");
  };
  const looking = lookAtDueWatches({
    store: outbox,
    accept: async (notifications) => {
      if (!(await acceptOwn(notifications, { config, outbox, sender }))) throw new Error("the backlog is full");
    },
    clientOf: (name) => alertmanagers.named(name)?.client ?? null,
    now: () => outbox.now(),
    report: (result, watch, detail) => report(shared, { result, watch, detail }),
    failed,
    stopping,
  });
  await looking.catch(failed);
}

const messages: Readonly<Record<FollowUpResult, string>> = {
  announced: "silence announced late: the service had stopped after it was set",
  recovered: "an alert recovered while it was silenced",
  removed: "a silence was removed: nothing matches it any more",
  stillFiring: "a silence has ended, and an alert still fires",
  noAnswer: "state of a silence unknown, will ask Alertmanager again",
  gaveUp: "state of a silence unknown, Alertmanager is not asked again",
};

interface Followed {
  readonly result: FollowUpResult;
  readonly watch: SilenceWatch;
  readonly detail: string;
}

function report({ log, metrics, logPace }: SharedParts, { result, watch, detail }: Followed): void {
  metrics.phonePage.followUps.inc({ result });
  const { destination, group } = parseRoutedGroup(watch.body);
  const fields = {
    bot: destination.bot,
    names: firstAlertNames(group.alerts),
    alertmanager: watch.alertmanager,
    // With its dashes it would be masked as a robot key.
    silence: watch.silenceId?.replaceAll("-", "") ?? "",
  };
  if (result === "gaveUp") log.warn({ ...fields, detail }, messages[result]);
  else if (result !== "noAnswer") log.info(fields, messages[result]);
  else {
    const silent = logPace.due("silences", noAnswerPaceMs);
    if (silent !== null) log.warn({ ...fields, detail, silent }, messages[result]);
  }
}

const noAnswerPaceMs = 600_000;
