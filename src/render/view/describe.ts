// What an alert says besides its labels: its texts without what the message shows elsewhere, and its numbers.

import type { Alert } from "../../domain/alert.ts";
import type { AlertCore, CoreSettings } from "./alert-core.ts";
import {
  findError,
  findTexts,
  findValue,
  notesOf,
  saysOnly,
  standsWithin,
  stateReasonName,
  withoutFences,
  withoutListings,
} from "./annotations.ts";
import { labelOf, type NameValue } from "./labels.ts";
import { isLinkAnnotation } from "./links.ts";
import { grafanaReadings, listReadings, splitThresholds } from "./readings.ts";
import { filled } from "./strings.ts";
import { alertSubject, type Subject } from "./subject.ts";

export interface DescribedAlert {
  readonly alert: Alert;
  readonly core: AlertCore;
  readonly about: Subject;
  readonly said: Said;
  /** An alert that is over says no more than its summary, unless it waited: then nothing was said before. */
  readonly isSaid: boolean;
  /** Nothing is new about it, but about others of its group: it says no texts, they were said before. */
  readonly isOld: boolean;
  /** `新`, `变化`, where others of its group are old. */
  readonly newsMark: string;
  /** The value without results of conditions, which are folded. */
  readonly reading: string;
  /** What the value is called: after a recovery it is no current one. */
  readonly readingWord: string;
  readonly conditions: readonly NameValue[];
  /** Why the state is what it is, if the state does not say it already, and a caveat of its own. */
  readonly reason: string;
  /** Annotations that are not said again, because they were when the alert fired. */
  readonly notRepeated: readonly string[];
}

/** Texts that alerts may share. */
export interface Said {
  readonly summary: string;
  readonly description: string;
  readonly error: string;
  readonly notes: readonly NameValue[];
}

export const nothingSaid: Said = { summary: "", description: "", error: "", notes: [] };

export interface GroupTraits {
  /** What an alert that is over said when it fired is not far. */
  readonly hasFiring: boolean;
  /** Some alerts are news, and some are not. */
  readonly isMixed: boolean;
  /** The one that all have: a notice says it. */
  readonly caveat: string;
}

export function traitsOf(cores: readonly AlertCore[], hasFiring: boolean): GroupTraits {
  const old = cores.filter(({ news }) => news === "unchanged").length;
  const caveats = new Set(cores.map(({ caveat }) => caveat));
  const caveat = caveats.size === 1 ? ([...caveats][0] ?? "") : "";
  return { hasFiring, isMixed: old > 0 && old < cores.length, caveat };
}

export function describeAlert(alert: Alert, core: AlertCore, settings: CoreSettings & GroupTraits): DescribedAlert {
  const { annotations, labels } = alert;
  const { strings } = settings;
  const about = alertSubject(labels, settings);
  const found = findTexts(annotations, settings.language);
  const error = findError(annotations);
  const listed = withoutListings(found.description.text, alert);
  const measured = splitThresholds(grafanaReadings(alert));
  const own = findValue(annotations);
  const ofGrafana =
    measured.measured.length === 1 ? (measured.measured[0]?.value ?? "") : listReadings(measured.measured);
  const reading = ofGrafana || alert.valueString || own.text.trim() || listed.value;
  const isOver = alert.status === "resolved";
  const isOld = settings.isMixed && core.news === "unchanged";
  const isSaid = !isOld && (!isOver || core.recoveredWhileWaiting);
  const usesValue = reading === own.text.trim() ? [own] : [];
  const notes = notesOf(annotations, [found.summary, found.description, error, ...usesValue]).filter(
    ({ name, value }) => !isLinkAnnotation(name, value),
  );
  const described = withoutFences(listed.value === reading ? listed.text : found.description.text.trim());
  const description = described === found.summary.text.trim() ? "" : described;
  const whole: Said = {
    summary: shortSummary(found.summary.text.trim(), {
      description: isSaid || settings.hasFiring ? description : "",
      core,
      alert,
    }),
    description,
    error: error.text.trim(),
    notes,
  };
  const hushed = filled([
    (whole.summary === "" ? description !== "" : isOld) ? found.summary.name : "",
    error.name,
    description === "" ? "" : found.description.name,
    ...notes.map(({ name }) => name),
  ]);
  return {
    alert,
    core,
    about,
    said: isSaid ? whole : { ...nothingSaid, summary: isOld ? "" : whole.summary },
    isSaid,
    isOld,
    newsMark: settings.isMixed && core.news !== "unchanged" ? strings.newsMarks[core.news] : "",
    reading,
    // The values of a series that is gone are those of its last evaluation, when it fired.
    readingWord: readingWord((ofGrafana !== "" || alert.valueString !== "") && !isMissing(alert)),
    conditions: measured.conditions,
    reason: filled([
      core.stateKind === "noData" || core.stateKind === "error" ? "" : core.stateReason,
      core.recovery,
      core.caveat === settings.caveat ? "" : core.caveat,
    ]).join(" · "),
    notRepeated: isSaid ? [] : hushed,
  };

  function readingWord(isOfRecovery: boolean): string {
    if (!isOver) return strings.valueNow;
    return isOfRecovery ? strings.lastValue : strings.valueThen;
  }
}

function isMissing({ annotations }: Alert): boolean {
  return labelOf(annotations, stateReasonName).includes("MissingSeries");
}

interface SummaryNeighbours {
  /** Empty when it is not shown. */
  readonly description: string;
  readonly core: AlertCore;
  readonly alert: Alert;
}

/** A longer text says more than a name. */
const summaryMaxChars = 400;

/** Empty when the name, the labels or the description say it too. */
function shortSummary(summary: string, { description, core, alert }: SummaryNeighbours): string {
  if (summary === "" || summary.length > summaryMaxChars) return summary;
  const instance = labelOf(alert.labels, "instance");
  const bare = instance === "" ? summary : summary.replace(` (instance ${instance})`, "");
  if (description !== "" && standsWithin(bare, description)) return "";
  const known = [core.name, ...Object.values(alert.labels).filter((value) => bare.includes(value))];
  return saysOnly(bare, known) ? "" : bare;
}
