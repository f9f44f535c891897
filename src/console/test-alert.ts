// The message of the button that tests a bot: an alert that goes through the outbox like any other, so it takes a slot of the window,
// is rendered with the bot's template, and what became of it is on record. It mentions nobody.

import type { Config } from "../config/config.ts";
import type { Alert } from "../domain/alert.ts";
import { identityHash } from "../domain/instance.ts";
import type { Language } from "../domain/message-kind.ts";
import type { Notification } from "../domain/notification.ts";
import { identify } from "../route/identity.ts";
import { destinationOf } from "../route/split-group.ts";

const texts: Readonly<Record<Language, { readonly name: string; readonly summary: string }>> = {
  zh: { name: "测试消息", summary: "这是从控制台发出的测试消息。看到它，说明这个群收得到告警。" },
  en: { name: "TestMessage", summary: "A test message from the console. This chat receives alerts." },
};

/** Null when no bot has this name. */
export function testAlert(config: Config, bot: string, now: number): Notification | null {
  if (!config.bots.has(bot)) return null;
  const { settings } = config.route;
  const { name, summary } = texts[settings.language];
  const labels = { alertname: name, bot };
  const alert: Alert = {
    status: "firing",
    labels,
    annotations: { summary },
    startsAt: now,
    endsAt: null,
    startsAtText: new Date(now).toISOString(),
    endsAtText: "",
    unreadTimes: [],
    timesAhead: false,
    fingerprint: "",
    identity: identityHash(["console", labels]),
    links: { generatorURL: null, silenceURL: null, dashboardURL: null, panelURL: null, imageURL: null },
    values: null,
    valueString: "",
  };
  const mention = { users: [], mobiles: [], all: false, on: [], repeats: false };
  return identify({
    destination: { ...destinationOf(bot, settings), urgent: true, mention },
    group: {
      source: "alertmanager",
      receiver: "console",
      status: "firing",
      alerts: [alert],
      groupLabels: labels,
      commonLabels: labels,
      commonAnnotations: { summary },
      routeLabels: {},
      externalURL: null,
      alertmanager: null,
      groupKey: `test ${bot}`,
      truncatedAlerts: 0,
      notificationReason: null,
      title: "",
      message: "",
      lossyBody: null,
    },
    routes: ["console"],
    grouping: "as_sent",
    mergeWaitMs: 0,
    notice: "",
  });
}
