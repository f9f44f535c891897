// Renders the samples (templates/samples) with every template: the bytes of each kind of message, and which templates fail.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AlertGroup } from "../domain/alert.ts";
import { type MessageKind, messageKinds } from "../domain/message-kind.ts";
import type { GroupDelivery, Mention } from "../domain/notification.ts";
import { normalize } from "../normalize/normalize.ts";
import { parseBody } from "../normalize/parse-body.ts";
import { offsetsOf } from "../normalize/read-times.ts";
import { renderDelivery } from "../render/render.ts";
import type { RenderSettings } from "../render/settings.ts";
import type { TemplateSet } from "../render/template/template-set.ts";
import type { RouteNode } from "../route/tree.ts";
import { markdownMaxBytes, textMaxBytes } from "../wecom/limits.ts";
import { immediateDelivery, sizeOf } from "./render.ts";

export interface Sample {
  readonly name: string;
  readonly group: AlertGroup;
}

/** src/commands and dist/commands are both two folders below the package. */
const samplesFolder = join(import.meta.dirname, "..", "..", "templates", "samples");

/** Throws when one of them is not a webhook body: they are part of the program. */
export function loadSamples(): readonly Sample[] {
  return readdirSync(samplesFolder)
    .sort()
    .map((file) => ({ name: file.replace(/\.json$/u, ""), group: sampleGroup(file) }));
}

function sampleGroup(file: string): AlertGroup {
  const parsed = parseBody(readFileSync(join(samplesFolder, file)));
  // Their times have a zone, and none of them counts as future.
  const context = { offsetAt: offsetsOf("UTC"), receivedAt: Number.POSITIVE_INFINITY, lossyBody: null };
  const normalized = parsed.kind === "rejected" ? parsed : normalize(parsed.body, context);
  if (normalized.kind === "rejected") throw new Error(`the sample ${file} is rejected: ${normalized.message}`);
  return normalized.group;
}

interface SampleRender {
  /** One line for each template and kind of message. */
  readonly report: readonly string[];
  readonly issues: readonly string[];
}

interface Trial {
  readonly messages: readonly MessageKind[];
  readonly template: string;
  readonly mention: Mention;
}

interface SampleInput {
  readonly samples: readonly Sample[];
  readonly templates: TemplateSet;
  readonly route: RouteNode;
  readonly settings: RenderSettings;
}

export function renderSamples(input: SampleInput): SampleRender {
  const named = messageKinds.flatMap((kind) =>
    input.templates.names(kind).map((template): Trial => ({ messages: [kind], template, mention: noMention })),
  );
  const trials = named.map((trial) => ({ trial, tried: tryWith(trial, input) }));
  const mentioned = mentionsIn(input.route).flatMap((trial) => tryWith(trial, input).issues);
  const issues = [...trials.flatMap(({ tried }) => tried.issues), ...mentioned, ...digestIssues(input)];
  return { report: trials.map(({ trial, tried }) => reportLine(trial, tried)), issues: [...new Set(issues)] };
}

const noMention: Mention = { users: [], mobiles: [], all: false, on: [], repeats: false };

/** The routes with mentions, each with its own template, for firing and resolved alerts. */
function mentionsIn({ settings, routes }: RouteNode): readonly Trial[] {
  const { messages, template, mention } = settings;
  const own: readonly Trial[] =
    mention.users.length + mention.mobiles.length === 0
      ? []
      : [{ messages, template, mention: { ...mention, on: ["firing", "resolved"] } }];
  return [...own, ...routes.flatMap(mentionsIn)];
}

/** All samples in one digest, in each kind of message that a digest may have. */
function digestIssues({ samples, templates, settings }: SampleInput): readonly string[] {
  return (["markdown", "markdown_v2", "text"] as const).flatMap((kind) => {
    const trial = { messages: [kind], template: "default", mention: noMention };
    const groups = samples.map(({ group }) => deliveryOf(group, trial, settings.now));
    const digest = {
      kind: "digest",
      bot: "sample",
      late: true,
      urgent: false,
      groups,
      acceptedAt: settings.now,
    } as const;
    const { templateFailures } = renderDelivery(digest, templates, settings);
    return templateFailures.map(
      ({ template, message }) => `template ${template}.${kind} fails with all samples: ${message}`,
    );
  });
}

function deliveryOf(group: AlertGroup, trial: Trial, now: number): GroupDelivery {
  const destination = { bot: "sample", urgent: false, ...trial };
  return immediateDelivery({ destination, group, grouping: "as_sent", mergeWaitMs: 0 }, now);
}

interface Tried {
  /** Bytes of each message of the samples, by type. */
  readonly sizes: ReadonlyMap<string, readonly number[]>;
  readonly mostParts: number;
  readonly issues: readonly string[];
}

function tryWith(trial: Trial, { samples, templates, settings }: SampleInput): Tried {
  const rendered = samples.map(({ name, group }) => {
    return { name, ...renderDelivery(deliveryOf(group, trial, settings.now), templates, settings) };
  });
  const bodies = rendered.flatMap(({ parts }) => parts.map(({ message }) => message));
  const grouped = Map.groupBy(bodies, ({ msgtype }) => msgtype);
  return {
    sizes: new Map([...grouped].map(([type, ofType]) => [type, ofType.map(sizeOf)])),
    mostParts: Math.max(...rendered.map(({ parts }) => parts.length)),
    issues: rendered.flatMap(({ name, templateFailures }) =>
      templateFailures.map(({ template, message }) => `template ${template} fails with the sample ${name}: ${message}`),
    ),
  };
}

/** Bytes of the content; a card has limits for each field instead. */
const contentLimits: Readonly<Partial<Record<string, number>>> = {
  text: textMaxBytes,
  markdown: markdownMaxBytes,
  markdown_v2: markdownMaxBytes,
};

function reportLine({ messages, template }: Trial, { sizes, mostParts }: Tried): string {
  const kinds = [...sizes].map(([type, bytes]) => {
    const limit = contentLimits[type] === undefined ? "" : ` of ${contentLimits[type]}`;
    return `${type} ${Math.min(...bytes)} to ${Math.max(...bytes)}${limit} bytes`;
  });
  return `${messages.join(", ")} "${template}": ${kinds.join(", ")}; at most ${mostParts} message${mostParts === 1 ? "" : "s"} for a sample`;
}
