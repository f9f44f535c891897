// What is said of alerts that could be put into words in no way, most likely for want of memory: how many there are, and their names.

import type { Alert } from "../domain/alert.ts";
import type { Language } from "../domain/message-kind.ts";
import type { WecomMessage } from "../wecom/message.ts";
import { shortenText } from "./fit/shorten.ts";
import { markData, neutralise } from "./markup/escape.ts";
import { alertName } from "./view/alert-core.ts";
import { countedNames } from "./view/digest-view.ts";
import { stringsFor } from "./view/strings.ts";

/** Escaping makes a byte three at most, so that the names of a list, each with the mark that it was cut, fit a body. */
const nameMaxBytes = 96;

/** @param bytes UTF-8 length of what is not shown */
export function renderSummary(alerts: readonly Alert[], bytes: number, language: Language): WecomMessage {
  const strings = stringsFor(language);
  const named = countedNames(
    alerts.map(({ labels }) => alertName(labels, strings)),
    strings,
  );
  const lines = named.map(({ name, count }) => {
    return `${neutralise(`\`${markData(shortenText(name, nameMaxBytes, strings))}\``)} × ${count}`;
  });
  const said = strings.unrenderable(alerts.length, (bytes / 2 ** 20).toFixed(1));
  return { msgtype: "markdown", markdown: { content: [said, ...lines].join("\n") } };
}
