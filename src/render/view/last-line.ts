// Links of single alerts, and the last line: labels that are folded, and what is not in the message, by name.

import type { LabelSet } from "../../domain/alert.ts";
import { cardAdvice } from "../../wecom/limits.ts";
import { needsCode } from "../markup/escape.ts";
import type { CoreSettings } from "./alert-core.ts";
import type { DescribedAlert } from "./describe.ts";
import { foldedTexts } from "./folded.ts";
import { type FoundLinks, type LinkView, linkTo, pictureAnnotations } from "./links.ts";
import { foldedLabels, type LabelPlaces } from "./rows.ts";
import { filled } from "./strings.ts";

export interface LastLineInput {
  /** In reading order. */
  readonly alerts: readonly DescribedAlert[];
  readonly links: readonly FoundLinks[];
  /** Those of the whole group. */
  readonly shared: FoundLinks;
  readonly places: LabelPlaces;
  readonly settings: CoreSettings;
}

/** Above this many alerts there is no room for links of each. */
const ownLinksMax = 3;

export function ownLinks(input: LastLineInput, index: number) {
  const own = rowLinks(input.links[index]?.shown ?? [], input.shared.shown);
  return { runbook: runbookOf(input, index), links: input.alerts.length > ownLinksMax ? [] : own };
}

/** A silence is for the whole group, and the runbook's link is the name of the alert. */
function rowLinks(links: readonly LinkView[], shared: readonly LinkView[]): readonly LinkView[] {
  const isOwn = ({ kind, url }: LinkView) => kind !== "silence" && !shared.some((link) => link.url === url);
  return withoutDashboard(links).filter((link) => link.kind !== "runbook" && isOwn(link));
}

/** Without the dashboard that the panel is part of. */
export function withoutDashboard(links: readonly LinkView[]): readonly LinkView[] {
  const panel = links.find(({ kind }) => kind === "panel");
  if (panel === undefined) return links;
  return links.filter(({ kind, url }) => kind !== "dashboard" || pathOf(url) !== pathOf(panel.url));
}

function pathOf(url: string): string {
  return new URL(url).pathname;
}

/** Bytes of the values of folded labels. */
const foldedMaxBytes = 230;

/** @param shownFolded for each alert, the folded labels that its row shows */
export function lastLine(input: LastLineInput, shownFolded: readonly (readonly string[])[]) {
  const { alerts, places, settings } = input;
  const { strings, display } = settings;
  const conditions = alerts.map((one) => Object.fromEntries(one.conditions.map(({ name, value }) => [name, value])));
  const folded = [
    ...foldedLabels(
      alerts.map(({ alert }, index) => labelsBut(alert.labels, shownFolded[index] ?? [])),
      places.folded,
      strings,
    ),
    ...foldedLabels(conditions, [...new Set(conditions.flatMap((one) => Object.keys(one)))], strings),
  ];
  const max = display.labels.folded === "values" ? foldedMaxBytes : 0;
  const named = foldedTexts(folded, { max, of: "value bytes" }, strings);
  const others = missing(input, { areRowsLinked: alerts.length <= ownLinksMax });
  const unlinked = missing(input, { areRowsLinked: false });
  const cardRoom = { max: cardAdvice.subTitle - [...unlinked.join(" ")].length - 1, of: "all characters" } as const;
  const inCard = max === 0 ? named : foldedTexts(folded, cardRoom, strings);
  // One colour for all that need no code.
  const plain = [...named, ...others].filter((text) => !needsCode(text)).join(" ");
  return {
    folded: filled([plain, ...[...named, ...others].filter(needsCode)]),
    foldedInText: [...named, ...unlinked, ...unshownLinks(input)],
    ...placedInCard([...inCard, ...unlinked].join(" ")),
  };
}

function labelsBut(labels: LabelSet, names: readonly string[]): LabelSet {
  if (names.length === 0) return labels;
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !names.includes(name)));
}

/** A text message has one address for all alerts. */
function unshownLinks({ shared, settings }: LastLineInput): readonly string[] {
  const { runbook, panel, dashboard } = linkTo(shared.shown);
  const shown = runbook || panel || dashboard;
  const others = shared.shown.filter(({ kind, url }) => (kind === "dashboard" || kind === "panel") && url !== shown);
  return others.map(({ text }) => settings.strings.moreLinks(text));
}

/** In the line that cards have for it, else with the texts. */
function placedInCard(foldedShort: string) {
  const isShort = [...foldedShort].length <= cardAdvice.subTitle;
  return { foldedShort, cardLine: isShort ? foldedShort : "", cardTextEnd: isShort ? "" : foldedShort };
}

/** What is not in the message, by name. */
function missing(
  { alerts, links, shared, settings }: LastLineInput,
  { areRowsLinked }: { readonly areRowsLinked: boolean },
): readonly string[] {
  const { strings } = settings;
  const names = (kinds: readonly (keyof typeof strings.links)[]) =>
    [...new Set(kinds)].map((kind) => strings.links[kind]).join(strings.listMark);
  const ofAlerts = links.flatMap(({ tooLong }) => tooLong.filter((kind) => kind !== "silence"));
  const tooLong = [...ofAlerts, ...shared.tooLong];
  const own = links.flatMap(({ shown }, index) =>
    areRowsLinked && alerts[index]?.alert.status === "firing" ? [] : rowLinks(shown, shared.shown),
  );
  const pictures = [...new Set(alerts.flatMap(({ alert }) => pictureAnnotations(alert)))];
  const notRepeated = new Set(alerts.flatMap((one) => one.notRepeated));
  return filled([
    notRepeated.size === 0 ? "" : strings.notRepeated([...notRepeated].join(strings.listMark)),
    pictures.length === 0 ? "" : strings.moreLinks(pictures.join(strings.listMark)),
    tooLong.length === 0 ? "" : strings.longLinks(names(tooLong)),
    own.length === 0 ? "" : strings.ownLinks(names(own.map(({ kind }) => kind))),
  ]);
}

export function runbookOf({ links, shared }: LastLineInput, index: number): string {
  const url = links[index]?.shown.find(({ kind }) => kind === "runbook")?.url ?? "";
  return shared.shown.some((link) => link.url === url) ? "" : url;
}
