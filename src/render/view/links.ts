// Links of alerts and groups: absolute http(s) URLs that WeCom accepts, encoded so that no text can break out of them.
// A URL that is too long or invalid is dropped.

import type { Alert, AlertGroup, LabelSet } from "../../domain/alert.ts";
import { urlMaxBytes } from "../../wecom/limits.ts";
import { labelOf } from "./alert-core.ts";
import type { LinkKind, Strings } from "./strings.ts";

export interface LinkView {
  readonly kind: LinkKind;
  readonly text: string;
  readonly url: string;
}

/** By kind, for templates that place a single link; empty where there is none. */
export type LinkTo = Readonly<Record<LinkKind, string>>;

export const linkOrder: readonly LinkKind[] = ["runbook", "dashboard", "panel", "source", "silence"];

/** Annotations that hold a runbook's or a dashboard's address, the most usual name first. */
const runbookNames = ["runbook_url", "runbookURL", "runbook"];
const dashboardNames = ["dashboard_url", "dashboardURL", "dashboard"];

/** Annotations that hold the address of a picture, used when Grafana's own field is empty. */
const pictureNames = ["image_url", "imageURL", "image"];

/** Null when the alert has none that can be sent. */
export function alertPicture({ links, annotations }: Alert): string | null {
  return sendableUrl(links.imageURL) ?? firstUrl(annotations, pictureNames);
}

/** The URL, percent-encoded so that it ends where it should inside `[text](url)`; null when it cannot be sent. */
export function sendableUrl(url: string | null | undefined): string | null {
  if (url === null || url === undefined || !/^https?:\/\//i.test(url) || !URL.canParse(url)) return null;
  const parsed = new URL(url);
  const rest = (parsed.pathname + parsed.search + parsed.hash).replace(/['()[\]\\^`{|}]/g, percentEncoded);
  const prefix = parsed.href.slice(
    0,
    parsed.href.length - parsed.pathname.length - parsed.search.length - parsed.hash.length,
  );
  const encoded = prefix.replace(/['()\\^`{|}]/g, percentEncoded) + rest;
  return encoded.length <= urlMaxBytes ? encoded : null; // ASCII only: characters are bytes
}

function percentEncoded(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** In the order runbook, dashboard, panel, source, silence. */
export function alertLinks(alert: Alert, group: AlertGroup, strings: Strings): readonly LinkView[] {
  const { links, annotations } = alert;
  return asLinks(
    {
      runbook: firstUrl(annotations, runbookNames),
      dashboard: sendableUrl(links.dashboardURL) ?? firstUrl(annotations, dashboardNames),
      panel: sendableUrl(links.panelURL),
      source: sendableUrl(links.generatorURL),
      // A resolved alert needs no silence.
      silence: alert.status === "firing" ? (sendableUrl(links.silenceURL) ?? silenceLink(group, alert.labels)) : null,
    },
    strings,
  );
}

/** The links that all alerts share, and the silence of the labels that all alerts share. */
export function groupLinks(
  group: AlertGroup,
  perAlert: readonly (readonly LinkView[])[],
  strings: Strings,
): readonly LinkView[] {
  const [first = [], ...others] = perAlert;
  const urls: Partial<Record<LinkKind, string | null>> = {};
  for (const { kind, url } of first) {
    if (others.every((links) => links.some((link) => link.kind === kind && link.url === url))) urls[kind] = url;
  }
  if (perAlert.length === 1) return asLinks(urls, strings);
  if (group.status === "firing") urls.silence ??= silenceLink(group, group.commonLabels);
  return asLinks(urls, { ...strings, links: { ...strings.links, silence: strings.silenceAll } });
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
  return names.map((name) => sendableUrl(labelOf(annotations, name))).find((url) => url !== null) ?? null;
}

/**
 * Alertmanager's form for a new silence, filled in with the labels. Null without labels: such a silence would match
 * every alert. Source of the address: prometheus/alertmanager ui/app, Views/SilenceForm (`#/silences/new?filter=`).
 */
function silenceLink(group: AlertGroup, labels: LabelSet): string | null {
  const pairs = Object.entries(labels);
  if (group.source !== "alertmanager" || group.externalURL === null || pairs.length === 0) return null;
  // Encoding makes it longer: if it is too long already, it need not be encoded.
  if (group.externalURL.length > urlMaxBytes) return null;
  if (pairs.reduce((sum, [name, value]) => sum + name.length + value.length, 0) > urlMaxBytes) return null;
  const matchers = pairs.map(([name, value]) => `${matcherName(name)}=${quoted(value)}`);
  const filter = encodeURIComponent(`{${matchers.join(",")}}`.toWellFormed());
  return sendableUrl(`${group.externalURL.replace(/\/+$/, "")}/#/silences/new?filter=${filter}`);
}

/** UTF-8 label names are quoted (Alertmanager >= 0.27). */
function matcherName(name: string): string {
  return /^[A-Za-z_:][\w:]*$/.test(name) ? name : quoted(name);
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

/** The link of a card. */
export function bestLink(links: readonly LinkView[]): string | null {
  const { dashboard, panel, source, runbook } = linkTo(links);
  return dashboard || panel || source || runbook || null;
}
