// A digest as bodies of one dialect: by a template, or by code that has nothing left to fail.

import { unlessMuch } from "./body.ts";
import { type FitOptions, fitFirst, fitWithin, muchMore, type Run } from "./fit/fit.ts";
import { countShortened, shortenText, shrink } from "./fit/shorten.ts";
import type { Dialect } from "./markup/dialect.ts";
import { markData, oneLine } from "./markup/escape.ts";
import { type Mentions, noMentions, withMentions } from "./mention.ts";
import type { RenderSettings } from "./settings.ts";
import type { Template } from "./template/environment.ts";
import type { AlertRow } from "./view/alert-row.ts";
import { type DigestFacts, type DigestView, viewDigest } from "./view/digest-view.ts";
import { stringsFor } from "./view/strings.ts";

export interface DigestContext {
  readonly facts: DigestFacts;
  readonly rows: readonly AlertRow[];
  readonly mentions: Mentions;
  readonly dialect: Dialect;
  readonly settings: RenderSettings;
}

export interface DigestBodies {
  readonly bodies: readonly string[];
  /** Only the most urgent are in the bodies: a file has to follow. */
  readonly needsFile: boolean;
  readonly shortenedValues: number;
}

type Print = (view: DigestView, settings: RenderSettings) => string;

/** Throws as a template does, and when it prints nothing or more than fits whatever it is given. */
export function digestByTemplate(template: Template, scene: DigestContext): DigestBodies {
  const most = muchMore * scene.dialect.maxBytes;
  return digestBodies(scene, (view, settings) => template.render(view, settings, most));
}

export function digestByCode(scene: DigestContext): DigestBodies {
  return digestBodies(scene, printPlainly);
}

function digestBodies(scene: DigestContext, print: Print): DigestBodies {
  const { rows, dialect, settings, facts } = scene;
  const strings = stringsFor(settings.language);
  const options = (shownFacts: DigestFacts): FitOptions => ({
    count: rows.length,
    maxBytes: dialect.maxBytes,
    draw: (run) => drawRun({ ...scene, facts: shownFacts }, print, run),
  });
  const all = fitWithin(options(facts), settings.digest.maxMessages);
  const bodies = all ?? [fitFirst(options({ ...facts, inFile: strings.allInFile(rows.length) }))];
  const shortenedValues = bodies.reduce((sum, body) => sum + countShortened(body, strings), 0);
  return { bodies, needsFile: all === null, shortenedValues };
}

function drawRun({ facts, rows, mentions, dialect, settings }: DigestContext, print: Print, run: Run): string | null {
  const named = run.number === 1 ? mentions : noMentions;
  const { from, to, number, total } = run;
  const view = viewDigest(facts, { rows: rows.slice(from, to), number, total, mentions: named });
  const shown = run.level === null ? view : shrink(view, run.level, stringsFor(settings.language));
  const text = unlessMuch(() => print(shown, settings));
  if (text === null) return null;
  const body = dialect.finish(text);
  if (body === "") throw new Error("the template of digests prints nothing");
  return withMentions(body, named);
}

/** Escaping makes a byte three at most. */
const textMaxBytes = 128;
const labelsShown = 3;

function printPlainly(view: DigestView, { language }: RenderSettings): string {
  const strings = stringsFor(language);
  const data = (text: string) => markData(oneLine(shortenText(text, textMaxBytes, strings)));
  const { part, late, truncated, inFile, firingWord, firingCount, resolvedWord, resolvedCount } = view;
  const number = part.total > 1 ? ` (${part.number}/${part.total})` : "";
  const totals = `${firingWord}${strings.alerts(firingCount)}${strings.listMark}${resolvedWord}${strings.alerts(resolvedCount)}`;
  const head = [
    part.first ? late : "",
    `${strings.digest}${number}`,
    ...(part.first ? [totals, truncated, inFile] : []),
  ];
  const lines = view.alerts.map(({ stateWord, severity, name, differing, recoveredWhileWaiting }) => {
    const labels = differing.slice(0, labelsShown).map(({ name, value }) => `${name}=${value}`);
    const shown = [stateWord, severity, name, ...labels, recoveredWhileWaiting ? strings.recoveredWhileWaiting : ""];
    return shown
      .filter((text) => text !== "")
      .map(data)
      .join(" ");
  });
  return [...head.filter((line) => line !== ""), ...lines].join("\n");
}
