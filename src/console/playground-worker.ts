// The file of the playground's thread: what is typed there may loop or grow without end, and ends with the thread.

import { workerData } from "node:worker_threads";
import type { AlertGroup } from "../domain/alert.ts";
import type { Issue } from "../domain/issue.ts";
import type { Language } from "../domain/message-kind.ts";
import type { Destination } from "../domain/notification.ts";
import { supersede } from "../plan/supersede.ts";
import { mediaPlaceholder, type Rendered } from "../render/message-draft.ts";
import { renderDelivery } from "../render/render.ts";
import { type BaseSettings, settingsAt } from "../render/settings.ts";
import { buildTemplateSet, type TemplateSet } from "../render/template/template-set.ts";
import type { TemplateSource } from "../render/template/template-source.ts";
import { checkMessage } from "../simulator/rules/check-message.ts";
import { isViolation, type RuleFinding } from "../simulator/rules/finding.ts";
import { switchesOf } from "../simulator/rules/switches.ts";
import { answerQuestions } from "../threads/question-thread.ts";

/** What the thread is started with. */
export interface PlaygroundSetup {
  readonly sources: readonly TemplateSource[];
  readonly rotations: TemplateSet["rotations"];
  readonly settings: BaseSettings;
}

export interface PlaygroundQuestion {
  /** With the partials of the config; of its language or any. */
  readonly source: TemplateSource;
  readonly group: AlertGroup;
  readonly destination: Destination;
  /** By the machine's clock. */
  readonly now: number;
}

export interface PlaygroundMessage {
  /** The JSON text that would be sent. */
  readonly body: string;
  /** What the simulator says to it. */
  readonly findings: readonly { readonly isViolation: boolean; readonly errcode: number; readonly detail: string }[];
}

export type PlaygroundAnswer =
  | { readonly kind: "issues"; readonly issues: readonly Issue[] }
  | {
      readonly kind: "rendered";
      readonly messages: readonly PlaygroundMessage[];
      readonly failures: Rendered["templateFailures"];
      readonly shortenedValues: number;
    };

const { sources, rotations, settings } = workerData as PlaygroundSetup;

answerQuestions(({ source, group, destination, now }: PlaygroundQuestion): PlaygroundAnswer => {
  const built = buildTemplateSet([...partialsIn(destination.language), source], rotations);
  if (built.kind === "invalid") return { kind: "issues", issues: built.issues };
  const routed = { destination, group, grouping: "as_sent", mergeWaitMs: 0, notice: "" } as const;
  const queued = { id: 0, acceptedAt: now, body: JSON.stringify(routed) };
  const delivery = supersede([queued], { delivered: new Map(), acknowledgements: [], late: false });
  const { parts, templateFailures, shortenedValues } = renderDelivery(delivery, built.set, settingsAt(now, settings));
  // No datasource is asked about text from the playground.
  const shown = parts.filter(({ picture }) => picture?.kind !== "graph");
  const messages = shown.map(({ message, picture }) => {
    const body = JSON.stringify(message);
    return { body, findings: picture === null ? findingsOf(body) : [] };
  });
  return { kind: "rendered", messages, failures: templateFailures, shortenedValues };
});

/** All that a template needs: to compile the others takes longer than to render. */
function partialsIn(language: Language): readonly TemplateSource[] {
  return sources.filter((one) => /(?:^|[/\\])_[^/\\]*$/u.test(one.path) && [null, language].includes(one.language));
}

/** Files are uploaded and pictures are fetched when a message is sent, so these are not judged. */
function findingsOf(body: string): PlaygroundMessage["findings"] {
  const mediaState = (id: string) => (id === mediaPlaceholder ? "usable" : "unknown");
  const { findings } = checkMessage(Buffer.from(body), { switches: switchesOf("documented"), mediaState });
  return findings.map((finding: RuleFinding) => {
    return {
      isViolation: isViolation(finding),
      errcode: finding.errcode,
      detail: `${finding.rule}: ${finding.detail}`,
    };
  });
}
