// What an alert is about, and which of its labels only say how it was measured: those are folded into the last line.

import type { LabelSet } from "../../domain/alert.ts";
import type { DisplaySettings } from "../../domain/display.ts";
import { cleanLine } from "../markup/escape.ts";
import { labelOf, type NameValue } from "./labels.ts";

/** Labels of the alert that say it, and their text; empty where no label does. */
export interface Subject {
  readonly labels: readonly string[];
  readonly text: string;
}

export interface FoldingRules {
  readonly display: DisplaySettings;
  /** Readers know the group by these: they are never folded. */
  readonly groupLabels: LabelSet;
  /** What is known of names already: alerts have the same few names, and a search in each costs too much. */
  readonly plumbingNames: Map<string, boolean>;
}

/** Objects of Kubernetes and the like, from the narrowest on; each is shown with its namespace. */
const workloads = [
  "persistentvolumeclaim",
  "pod",
  "job_name",
  "cronjob",
  "statefulset",
  "deployment",
  "daemonset",
  "horizontalpodautoscaler",
  "resourcequota",
];
const specific = [
  ...workloads,
  ...["node", "consumergroup", "topic", "queue", "database", "hostname", "host", "nodename", "instance"],
];
const general = ["app", "service", "job", "cluster", "namespace"];
const withNamespace: ReadonlySet<string> = new Set([...workloads, "app", "service"]);

/** What is shown behind a subject, where the alert has it. */
const companions: Readonly<Record<string, readonly string[]>> = {
  consumergroup: ["topic"],
  instance: ["mountpoint", "device"],
};

const plumbing =
  /^(?:prometheus|prometheus_replica|replica|__.*|endpoint|receive|tenant_id|datasource_uid|ref_id|uid|id|image.*|container_id|app_kubernetes_io_.*|helm_sh_chart|chart|heritage|release|pod_template_hash|controller_revision_hash|metrics_path|fstype|module|alertgroup|vmagent_.*)$/;

/** Labels that name the exporter where their value does. */
const mayNameExporter = ["pod", "container", "service", "namespace", "job"];
/** Names of Kubernetes have no more; a search in a longer text takes too long. */
const nameMaxChars = 253;
const exporter = /kube-state-metrics|(?:[a-z0-9]+[-_])?exporter|blackbox|cadvisor|pushgateway/;

/** Labels of the scrape, where kube-state-metrics reports about something else. */
const ofScrape = ["instance", "service", "job", "endpoint"];

/** Whether a label of these is folded, apart from what the subject decides (`isFolded`). */
function foldedByName(name: string, labels: LabelSet, rules: FoldingRules): boolean {
  if (isKept(name, rules)) return false;
  if (isPlumbing(name, rules)) return true;
  if (ofScrape.includes(name) && isOfKubeStateMetrics(labels)) return true;
  return mayNameExporter.includes(name) && namesItsExporter(name, labels);
}

function isKept(name: string, { display, groupLabels }: FoldingRules): boolean {
  return Object.hasOwn(groupLabels, name) || display.labels.show.includes(name);
}

function isPlumbing(name: string, { display, plumbingNames }: FoldingRules): boolean {
  const known = plumbingNames.get(name);
  if (known !== undefined) return known;
  const is = display.labels.fold.includes(name) || plumbing.test(name);
  plumbingNames.set(name, is);
  return is;
}

function isOfKubeStateMetrics(labels: LabelSet): boolean {
  return ["job", "service", "container"].some((name) => labelOf(labels, name).includes("kube-state-metrics"));
}

/** The exporter that reports the alert: a pod of another one is what the alert is about. */
function namesItsExporter(name: string, labels: LabelSet): boolean {
  const found = exporterIn(labelOf(labels, name));
  const job = labelOf(labels, "job");
  if (found === undefined || name === "job" || job === "") return found !== undefined;
  const source = exporterIn(job);
  return source !== undefined && (found.includes(source) || source.includes(found));
}

function exporterIn(value: string): string | undefined {
  return value.length > nameMaxChars ? undefined : exporter.exec(value)?.[0];
}

export function alertSubject(labels: LabelSet, rules: FoldingRules): Subject {
  const has = (name: string) => labelOf(labels, name).trim() !== "";
  const shows = (name: string) => has(name) && !foldedByName(name, labels, rules);
  const name =
    rules.display.labels.subject.find(shows) ??
    specific.find(shows) ??
    // A pod that is named like its exporter may be what the alert is about.
    (has("pod") && !isPlumbing("pod", rules) ? "pod" : undefined) ??
    general.find((one) => shows(one) && !(one === "service" && repeatsJob(labels)));
  if (name === undefined) return { labels: [], text: "" };
  const value = (one: string) => cleanLine(labelOf(labels, one));
  if (withNamespace.has(name) && shows("namespace")) {
    return { labels: [name, "namespace"], text: `${value("namespace")}/${value(name)}` };
  }
  const companion = companions[name]?.find(shows);
  if (companion === undefined) return { labels: [name], text: value(name) };
  return { labels: [name, companion], text: `${value(name)} ${value(companion)}` };
}

function repeatsJob(labels: LabelSet): boolean {
  return labelOf(labels, "service") === labelOf(labels, "job");
}

/** Whether the value of a label of this name says that it is folded. */
export function dependsOnValue(name: string): boolean {
  return ofScrape.includes(name) || mayNameExporter.includes(name);
}

/** Never a label of the subject. */
export function isFolded(
  name: string,
  labels: LabelSet,
  { subject, rules }: { readonly subject: Subject; readonly rules: FoldingRules },
): boolean {
  if (subject.labels.includes(name)) return false;
  if (foldedByName(name, labels, rules)) return true;
  if (isKept(name, rules)) return false;
  return name === "job" || (name === "service" && repeatsJob(labels));
}

/** One for all: what they share, else the beginning that they share, else the first. */
export function sharedSubject(subjects: readonly string[], andOthers: (first: string) => string): string {
  const [first = "", ...others] = new Set(subjects);
  if (others.length === 0) return first;
  if (first === "" || others.includes("")) return "";
  let end = first.length;
  for (const other of others) {
    let same = 0;
    while (same < end && other[same] === first[same]) same += 1;
    end = same;
  }
  const words = /^.*[-./:_\s]/s.exec(first.slice(0, end))?.[0] ?? "";
  const start = words.replace(/-(?=[a-z]*\d)[a-z0-9]{6,10}-$/, "-").replace(/[.:\s]+$/, "");
  return saysWhich(start) ? `${start}…` : andOthers(first);
}

/** Whether a text that `sharedSubject` made has the whole value of a label that all of its alerts have. */
export function saysLabel(text: string, subjects: readonly Subject[], { name, value }: NameValue): boolean {
  if (!subjects.every(({ labels }) => labels.includes(name))) return false;
  const begins = (end: string) => text.startsWith(cleanLine(value) + end);
  return subjects.every((one) => one.text === text) || ["/", " ", "…"].some(begins);
}

/** Every machine may be called so. */
const anyMachine: ReadonlySet<string> = new Set(
  ["host", "hostname", "node", "server", "srv", "machine", "instance", "ins", "vm", "ecs", "ip", "pod"].flatMap(
    (word) => [word, `${word}s`],
  ),
);

/** Three numbers of an address name a network; fewer, and a word for any machine, say nothing. */
const networkNumbers = 3;

function saysWhich(start: string): boolean {
  const words = start.split(/[-./:_\s]+/).filter((word) => word !== "");
  const numbers = words.filter((word) => /^\d+$/.test(word));
  const isName = (word: string) => word.length > 1 && !numbers.includes(word) && !anyMachine.has(word.toLowerCase());
  return numbers.length >= networkNumbers || words.some(isName);
}
