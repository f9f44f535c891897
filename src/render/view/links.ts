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

export const linkOrder: readonly LinkKind[] = ["action", "runbook", "dashboard", "panel", "source", "silence"];

/** Annotations that hold a runbook's or a dashboard's address, in lower case, the most usual name first. */
const runbookNames = ["runbook_url", "runbookurl", "runbook"];
const dashboardNames = ["dashboard_url", "dashboardurl", "dashboard"];

/** Annotations that hold the address of a picture, used when Grafana's own field is empty. */
const pictureNames = ["image_url", "imageurl", "image"];

/** Null when the alert has none that can be sent. */
export function alertPicture({ links, annotations }: Alert): string | null {
  return [links.imageURL, ...urlsOf(annotations, pictureNames)].map(sendableUrl).find((url) => url !== null) ?? null;
}

/** The URL, percent-encoded so that it ends where it should inside `[text](url)`; null when it cannot be sent. */
export function sendableUrl(url: string | null | undefined): string | null {
  const encoded = encodedUrl(url);
  return encoded !== null && isSendable(encoded) ? encoded : null;
}

/** ASCII only: characters are bytes. */
function isSendable(encoded: string): boolean {
  return encoded.length <= urlMaxBytes;
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

export interface FoundLinks {
  /** In the order action (of a group only), runbook, dashboard, panel, source, silence. */
  readonly shown: readonly LinkView[];
  /** Kinds that have only addresses that are too long to be sent. */
  readonly tooLong: readonly LinkKind[];
}

/** By kind, the first that can be sent is shown. */
type Addresses = Readonly<Partial<Record<LinkKind, readonly (string | null)[]>>>;

interface LinkOptions {
  readonly strings: Strings;
  readonly silence: SilenceLabels | null;
}

interface GroupLinkOptions extends LinkOptions {
  /** The page where its alerts can be acted on; null for none. */
  readonly action: string | null;
}

export function alertLinks(alert: Alert, group: AlertGroup, { strings, silence }: LinkOptions): FoundLinks {
  const { links, annotations } = alert;
  const addresses: Addresses = {
    runbook: urlsOf(annotations, runbookNames),
    dashboard: [links.dashboardURL, ...urlsOf(annotations, dashboardNames)],
    panel: [links.panelURL],
    source: [links.generatorURL],
    // A resolved alert needs no silence.
    silence: alert.status === "firing" && silence !== null ? [links.silenceURL, silenceUrl(group, silence)] : [],
  };
  return foundIn(addresses, stringsOf(group, strings));
}

/** The page of the alerts, the links that all alerts share, and the silence of the labels that all alerts share. */
export function groupLinks(
  group: AlertGroup,
  perAlert: readonly FoundLinks[],
  { action, ...options }: GroupLinkOptions,
): FoundLinks {
  const found = sharedLinks(group, perAlert, options);
  const { shown } = foundIn({ action: [action] }, options.strings);
  return { ...found, shown: [...shown, ...found.shown] };
}

function sharedLinks(
  group: AlertGroup,
  perAlert: readonly FoundLinks[],
  { strings, silence }: LinkOptions,
): FoundLinks {
  const [only, ...others] = perAlert;
  if (only === undefined || others.length === 0) return only ?? { shown: [], tooLong: [] };
  const shared = only.shown.filter(({ kind, url }) =>
    others.every(({ shown }) => shown.some((link) => link.kind === kind && link.url === url)),
  );
  const own = stringsOf(group, strings);
  const silences = group.status === "firing" && silence !== null ? [silenceUrl(group, silence)] : [];
  const addresses = Object.fromEntries(shared.map(({ kind, url }) => [kind, [url]]));
  return foundIn({ silence: silences, ...addresses }, { ...own, links: { ...own.links, silence: strings.silenceAll } });
}

function stringsOf({ source }: AlertGroup, strings: Strings): Strings {
  return source === "grafana" ? { ...strings, links: { ...strings.links, source: strings.rule } } : strings;
}

function foundIn(addresses: Addresses, { links }: Strings): FoundLinks {
  const shown: LinkView[] = [];
  const tooLong: LinkKind[] = [];
  for (const kind of linkOrder) {
    const encoded = (addresses[kind] ?? []).map(encodedUrl).filter((url) => url !== null);
    const url = encoded.find(isSendable);
    if (url !== undefined) shown.push({ kind, text: links[kind], url });
    else if (encoded.length > 0) tooLong.push(kind);
  }
  return { shown, tooLong };
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

function urlsOf(annotations: LabelSet, names: readonly string[]): readonly string[] {
  return annotationsCalled(annotations, names).map(([, url]) => url);
}

/** Labels by which a silence differs from one of everything. */
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

/** Of the second labels where that of the first is too long. Null without labels: it would silence every alert. */
function silenceUrl(group: AlertGroup, { wanted, fewest }: SilenceLabels): string | null {
  const url = silenceForm(group, wanted);
  return url === null || url.length <= urlMaxBytes ? url : (silenceForm(group, fewest) ?? url);
}

/** Characters that Alertmanager's form does not read in the name of a matcher. */
const unparsedInName = /[{}!=~,\\"'` \t\n\v\f\r\u0085\u00A0]/;

/**
 * The form for a new silence, filled in. Sources of the addresses: prometheus/alertmanager ui/app, Views/SilenceForm
 * (`#/silences/new?filter=`) and Utils/Filter.elm; Grafana's own silenceURL.
 */
function silenceForm({ source, externalURL }: AlertGroup, labels: LabelSet): string | null {
  const isGrafana = source === "grafana";
  const pairs = Object.entries(labels).filter(([name]) => name !== "" && (isGrafana || !unparsedInName.test(name)));
  if (externalURL === null || pairs.length === 0) return null;
  const base = externalURL.replace(/\/+$/, "");
  const chars = pairs.reduce((sum, [name, value]) => sum + name.length + value.length, base.length);
  // Encoding makes it longer: what is too long already need not be encoded.
  const encode = (text: string) => (chars > urlMaxBytes ? text : encodeURIComponent(text.toWellFormed()));
  if (isGrafana) {
    const query = pairs.map((pair) => `&matcher=${encode(pair.join("="))}`);
    return `${base}/alerting/silence/new?alertmanager=grafana${query.join("")}`;
  }
  const filter = pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(",");
  return `${base}/#/silences/new?filter=${encode(`{${filter}}`)}`;
}

/** The link of a card. */
export function bestLink(links: readonly LinkView[]): string | null {
  const { dashboard, panel, source, runbook } = linkTo(links);
  return dashboard || panel || source || runbook || null;
}
