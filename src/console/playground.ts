// The playground: a template, an alert and a kind of message become bubbles, with bytes, the simulator's verdict and every issue. It
// writes nothing; what is typed can be downloaded.

import type { MessageKind } from "../domain/message-kind.ts";
import type { TemplateSource } from "../render/template/template-source.ts";
import { bubbleOf } from "./bubble.ts";
import type { Page, Visit } from "./page.ts";
import type { PlaygroundResult } from "./playground-thread.ts";
import type { PlaygroundMessage } from "./playground-worker.ts";
import type { Sample } from "./samples.ts";
import type { ConsoleStrings } from "./strings.ts";

/** Kinds that have templates. */
export const templateKinds = [
  "markdown",
  "markdown_v2",
  "text",
  "text_notice",
  "news_notice",
  "news",
] as const satisfies readonly MessageKind[];

export type TemplateKind = (typeof templateKinds)[number];

/** The name of its file; a name that is none becomes `default`. */
export function templateFile(name: string, kind: TemplateKind): string {
  const isCard = kind === "text_notice" || kind === "news_notice" || kind === "news";
  return `${/^[\p{L}\p{N}][\p{L}\p{N}_.-]*$/u.test(name) ? name : "default"}.${kind}.${isCard ? "yaml" : "hbs"}`;
}

export function kindFrom(text: string): TemplateKind {
  return templateKinds.find((kind) => kind === text) ?? "markdown";
}

/** The last one with this file name counts, as when templates are loaded. */
export function sourceOf(
  sources: readonly TemplateSource[],
  file: string,
  language: TemplateSource["language"],
): string {
  const own = sources.filter((source) => source.language === null || source.language === language);
  return own.findLast(({ path }) => path.replace(/^.*[/\\]/, "") === file)?.text ?? "";
}

/** An alert to render, and what people choose it by. */
export interface TitledSample extends Sample {
  readonly title: string;
}

export interface PlaygroundInput {
  readonly kind: TemplateKind;
  readonly template: string;
  /** Names of templates for this kind. */
  readonly templates: readonly string[];
  readonly text: string;
  readonly sample: string;
  readonly samples: readonly TitledSample[];
  readonly result: PlaygroundResult;
}

export function playgroundPage({ strings }: Visit, input: PlaygroundInput): Page {
  const { kind, template, templates, text, sample, samples, result } = input;
  const file = templateFile(template, kind);
  return {
    view: "playground",
    title: strings.playground,
    model: {
      file,
      kind,
      template,
      sample,
      text,
      kinds: optionsOf(templateKinds, kind),
      templates: optionsOf(templates, template),
      samples: samples.map(({ name, title }) => ({ name, title, chosen: name === sample })),
      rows: Math.min(30, Math.max(8, text.split("\n").length + 1)),
      problems: problemsOf(result, strings, file),
      messages: result.kind === "rendered" ? result.messages.map((message) => messageOf(message, strings)) : [],
    },
  };
}

function optionsOf(names: readonly string[], chosen: string) {
  return names.map((name) => ({ name, chosen: name === chosen }));
}

function problemsOf(result: PlaygroundResult, strings: ConsoleStrings, file: string): readonly string[] {
  switch (result.kind) {
    case "issues":
      return result.issues.map(({ path, line, column, message }) => `${path || file}:${line}:${column}: ${message}`);
    case "failed":
      return [strings.playgroundFailed(result.message)];
    case "busy":
      return [strings.playgroundBusy];
    case "rendered":
      return [
        ...result.failures.map(({ template, message }) => `${template}: ${message}`),
        ...(result.shortenedValues > 0 ? [strings.shortened(result.shortenedValues)] : []),
      ];
  }
}

function messageOf({ body, findings }: PlaygroundMessage, strings: ConsoleStrings) {
  const rejected = findings.some(({ isViolation }) => isViolation);
  return {
    ...bubbleOf(body),
    level: rejected ? "bad" : "ok",
    verdict: rejected ? strings.simulatorRejects : strings.simulatorAccepts,
    findings: findings.map(({ detail, errcode }) => (errcode === 0 ? detail : `${detail} (errcode ${errcode})`)),
  };
}
