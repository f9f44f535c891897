// Links of alerts and groups: absolute http(s) URLs that WeCom accepts, encoded so that no text can break out of them.
// A URL that is too long or invalid is dropped.

import type { Alert, AlertGroup, LabelSet } from "../../domain/alert.ts";
import type { DisplaySettings } from "../../domain/display.ts";
import { urlMaxBytes } from "../../wecom/limits.ts";
import { annotationsCalled } from "./annotations.ts";
import type { LinkKind, Strings } from "./strings.ts";

export interface LinkView {
  readonly kind: LinkKind;
  readonly text: string;
  readonly url: string;
}

/** By kind, for templates that place a single link; empty where there is none. */
export type LinkTo = Readonly<Record<LinkKind, string>>;

export const linkOrder: readonly LinkKind[] = ["runbook", "dashboard", "panel", "source", "silence"];

/** Annotations that hold a runbook's or a dashboard's address, in lower case, the most usual name first. */
const runbookNames = ["runbook_url", "runbookurl", "runbook"];
const dashboardNames = ["dashboard_url", "dashboardurl", "dashboard"];

/** Annotations that hold the address of a picture, used when Grafana's own field is empty. */
const pictureNames = ["image_url", "imageurl", "image"];

/** Null when the alert has none that can be sent. */
export function alertPicture({ links, annotations }: Alert): string | null {
  return sendableUrl(links.imageURL) ?? firstUrl(annotations, pictureNames);
}

/** The URL, percent-encoded so that it ends where it should inside `[text](url)`; null when it cannot be sent. */
export function sendableUrl(url: string | null | undefined): string | null {
  const encoded = encodedUrl(url);
  return encoded !== null && encoded.length <= urlMaxBytes ? encoded : null; // ASCII only: characters are bytes
}

/** An address that only its length keeps from being sent. */
function isTooLong(url: string | null): boolean {
  return (encodedUrl(url)?.length ?? 0) > urlMaxBytes;
}

function encodedUrl(url: string | null | undefined): string | null {
  if (url === null || url === undefined || !/^https?:\/\//i.test(url) || !URL.canParse(url)) return null;
  const parsed = new URL(url);
  const rest = (parsed.pathname + parsed.search + parsed.hash).replace(/['()[\]\\^`{|}]/g, percentEncoded);
  const prefix = parsed.href.slice(
    0,
    parsed.href.length - parsed.pathname.length - parsed.search.length - parsed.hash.length,
  );
  return prefix.replace(/['()\\^`{|}]/g, percentEncoded) + rest;
}

function percentEncoded(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** The labels of a silence; the second ones when an address with the first would be too long. */
export interface SilenceLabels {
  readonly wanted: LabelSet;
  readonly fewest: LabelSet;
}

/** In the order runbook, dashboard, panel, source, silence. */
export function alertLinks(
  alert: Alert,
  group: AlertGroup,
  { strings, silence }: { readonly strings: Strings; readonly silence: SilenceLabels | null },
): readonly LinkView[] {
  const { links, annotations } = alert;
  // A resolved alert needs no silence.
  const isSilenceable = alert.status === "firing" && silence !== null;
  return asLinks(
    {
      runbook: firstUrl(annotations, runbookNames),
      dashboard: sendableUrl(links.dashboardURL) ?? firstUrl(annotations, dashboardNames),
      panel: sendableUrl(links.panelURL),
      source: sendableUrl(links.generatorURL),
      silence: isSilenceable ? (sendableUrl(links.silenceURL) ?? silenceLink(group, silence)) : null,
    },
    stringsOf(group, strings),
  );
}

/** The links that all alerts share, and the silence of the labels that all alerts share. */
export function groupLinks(
  group: AlertGroup,
  perAlert: readonly (readonly LinkView[])[],
  { strings, silence }: { readonly strings: Strings; readonly silence: SilenceLabels | null },
): readonly LinkView[] {
  const [first = [], ...others] = perAlert;
  const urls: Partial<Record<LinkKind, string | null>> = {};
  for (const { kind, url } of first) {
    if (others.every((links) => links.some((link) => link.kind === kind && link.url === url))) urls[kind] = url;
  }
  const own = stringsOf(group, strings);
  if (perAlert.length === 1) return asLinks(urls, own);
  if (group.status === "firing" && silence !== null) urls.silence ??= silenceLink(group, silence);
  return asLinks(urls, { ...own, links: { ...own.links, silence: strings.silenceAll } });
}

function stringsOf({ source }: AlertGroup, strings: Strings): Strings {
  return source === "grafana" ? { ...strings, links: { ...strings.links, source: strings.rule } } : strings;
}

/** Kinds of links that an alert has and that are too long to be sent. */
export function longLinks({ links, annotations }: Alert, shown: readonly LinkView[]): readonly LinkKind[] {
  const urls: Partial<Record<LinkKind, readonly (string | null)[]>> = {
    runbook: annotationsCalled(annotations, runbookNames).map(([, url]) => url),
    dashboard: [links.dashboardURL, ...annotationsCalled(annotations, dashboardNames).map(([, url]) => url)],
    panel: [links.panelURL],
    source: [links.generatorURL],
    silence: [links.silenceURL],
  };
  return linkOrder.filter((kind) => !shown.some((link) => link.kind === kind) && urls[kind]?.some(isTooLong));
}

/** Annotations whose text is shown as a link or a picture, or is an address too long to be one. */
export function isLinkAnnotation(name: string, text: string): boolean {
  const known = [...runbookNames, ...dashboardNames, ...pictureNames];
  return known.includes(name.toLowerCase()) && encodedUrl(text) !== null;
}

/** Names of annotations with the address of a picture, which no text shows. */
export function pictureAnnotations({ annotations }: Alert): readonly string[] {
  return annotationsCalled(annotations, pictureNames).flatMap(([name, url]) =>
    encodedUrl(url) === null ? [] : [name],
  );
}

export function linkTo(links: readonly LinkView[]): LinkTo {
  const url = (kind: LinkKind) => links.find((link) => link.kind === kind)?.url ?? "";
  return Object.fromEntries(linkOrder.map((kind) => [kind, url(kind)])) as LinkTo;
}

function asLinks(urls: Partial<Record<LinkKind, string | null>>, strings: Strings): readonly LinkView[] {
  return linkOrder.flatMap((kind) => {
    const url = urls[kind] ?? null;
    return url === null ? [] : [{ kind, text: strings.links[kind], url }];
  });
}

function firstUrl(annotations: LabelSet, names: readonly string[]): string | null {
  return (
    annotationsCalled(annotations, names)
      .map(([, url]) => sendableUrl(url))
      .find((url) => url !== null) ?? null
  );
}

/** Labels by which a silence may be told from one of everything. */
export function silenceLabels(
  labels: LabelSet,
  choice: {
    readonly display: DisplaySettings;
    readonly isFolded: (name: string) => boolean;
    readonly fewest: readonly string[];
  },
): SilenceLabels | null {
  if (choice.display.silence === "off") return null;
  const pairs = Object.entries(labels);
  const wanted = choice.display.silence === "all_labels" ? pairs : pairs.filter(([name]) => !choice.isFolded(name));
  const fewest = pairs.filter(([name]) => choice.fewest.includes(name));
  return { wanted: Object.fromEntries(wanted), fewest: Object.fromEntries(fewest) };
}

/**
 * The form for a new silence, filled in with the labels. Null without labels: such a silence would match every alert.
 * Sources of the addresses: prometheus/alertmanager ui/app, Views/SilenceForm (`#/silences/new?filter=`) and
 * Utils/Filter.elm; Grafana's own silenceURL.
 */
function silenceLink(group: AlertGroup, { wanted, fewest }: SilenceLabels): string | null {
  // Encoding makes it longer: if it is too long already, it need not be encoded.
  if (group.externalURL === null || group.externalURL.length > urlMaxBytes) return null;
  const base = group.externalURL.replace(/\/+$/, "");
  const url = group.source === "grafana" ? grafanaSilence : alertmanagerSilence;
  return sendableUrl(url(base, wanted)) ?? sendableUrl(url(base, fewest));
}

function alertmanagerSilence(base: string, labels: LabelSet): string | null {
  const matchers = matcherPairs(labels, (name) => !unparsedInName.test(name));
  if (matchers === null) return null;
  const filter = matchers.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(",");
  return `${base}/#/silences/new?filter=${encodeURIComponent(`{${filter}}`.toWellFormed())}`;
}

function grafanaSilence(base: string, labels: LabelSet): string | null {
  const matchers = matcherPairs(labels, () => true);
  if (matchers === null) return null;
  const query = matchers.map((pair) => `&matcher=${encodeURIComponent(pair.join("=").toWellFormed())}`);
  return `${base}/alerting/silence/new?alertmanager=grafana${query.join("")}`;
}

/** Characters that the form does not read in the name of a matcher. */
const unparsedInName = /[{}!=~,\\"'` \t\n\v\f\r\u0085\u00A0]/;

/** Null without labels, and when the labels are too long by themselves. A name that cannot be written is left out. */
function matcherPairs(
  labels: LabelSet,
  canWrite: (name: string) => boolean,
): readonly (readonly [string, string])[] | null {
  const pairs = Object.entries(labels).filter(([name]) => name !== "" && canWrite(name));
  const chars = pairs.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return pairs.length === 0 || chars > urlMaxBytes ? null : pairs;
}

/** The link of a card. */
export function bestLink(links: readonly LinkView[]): string | null {
  const { dashboard, panel, source, runbook } = linkTo(links);
  return dashboard || panel || source || runbook || null;
}
