// Every template with every sample: the bytes of each kind of message, and what fails. In: compiled templates and groups; out: lines. Pure.

import { type MessageKind, messageKinds } from "../domain/message-kind.ts";
import type { Mention } from "../domain/notification.ts";
import { supersede } from "../plan/supersede.ts";
import { renderDelivery } from "../render/render.ts";
import type { RenderSettings } from "../render/settings.ts";
import type { TemplateSet } from "../render/template/template-set.ts";
import type { RouteNode } from "../route/tree.ts";
import { markdownMaxBytes, textMaxBytes } from "../wecom/limits.ts";
import type { Sample } from "./samples.ts";
import { sizeOf } from "./shown-message.ts";

export interface SampleRender {
  /** One line for each template and kind of message. */
  readonly report: readonly string[];
  readonly issues: readonly string[];
}

interface Trial {
  readonly messages: readonly MessageKind[];
  readonly template: string;
  readonly mention: Mention;
}

export interface SampleInput {
  readonly samples: readonly Sample[];
  readonly templates: TemplateSet;
  readonly route: RouteNode;
  readonly settings: RenderSettings;
}

export function renderSamples(input: SampleInput): SampleRender {
  const named = messageKinds.flatMap((kind) =>
    input.templates.names(kind).map((template): Trial => ({ messages: [kind], template, mention: nobody })),
  );
  const trials = named.map((trial) => ({ trial, tried: tryWith(trial, input) }));
  const mentioned = mentionsIn(input.route).flatMap((trial) => tryWith(trial, input).issues);
  const issues = [...trials.flatMap(({ tried }) => tried.issues), ...mentioned, ...digestIssues(input)];
  return { report: trials.map(({ trial, tried }) => lineOf(trial, tried)), issues: [...new Set(issues)] };
}

const nobody: Mention = { users: [], mobiles: [], all: false, on: [], repeats: false };

/** The routes that mention someone, each with its own template, on every state. */
function mentionsIn({ settings, routes }: RouteNode): readonly Trial[] {
  const { messages, template, mention } = settings;
  const own: readonly Trial[] =
    mention.users.length + mention.mobiles.length === 0
      ? []
      : [{ messages, template, mention: { ...mention, on: ["firing", "resolved"] } }];
  return [...own, ...routes.flatMap(mentionsIn)];
}

/** All samples in one digest, in each form that a digest may have. */
function digestIssues({ samples, templates, settings }: SampleInput): readonly string[] {
  const deliveries = (["markdown", "markdown_v2", "text"] as const).map((kind) => {
    const destination = { bot: "sample", urgent: false, template: "default", messages: [kind], mention: nobody };
    const groups = samples.map(({ group }) => {
      const routed = { destination, group, mergeWaitMs: 0 };
      return supersede([{ id: 0, acceptedAt: settings.now, repeat: false, body: JSON.stringify(routed) }], {
        late: false,
      });
    });
    const delivery = {
      kind: "digest",
      bot: "sample",
      late: true,
      urgent: false,
      groups,
      acceptedAt: settings.now,
    } as const;
    return { kind, ...renderDelivery(delivery, templates, settings) };
  });
  return deliveries.flatMap(({ kind, templateFailures }) =>
    templateFailures.map(({ template, message }) => `template ${template}.${kind} fails with all samples: ${message}`),
  );
}

interface Tried {
  /** Of each message that the samples became, by its type. */
  readonly sizes: ReadonlyMap<string, readonly number[]>;
  readonly mostParts: number;
  readonly issues: readonly string[];
}

function tryWith(trial: Trial, { samples, templates, settings }: SampleInput): Tried {
  const rendered = samples.map(({ name, group }) => {
    const destination = { bot: "sample", urgent: false, ...trial };
    const routed = { destination, group, mergeWaitMs: 0 };
    const delivery = supersede([{ id: 0, acceptedAt: settings.now, repeat: false, body: JSON.stringify(routed) }], {
      late: false,
    });
    return { name, ...renderDelivery(delivery, templates, settings) };
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

/** Of the content; a card's fields have limits of their own. */
const contentLimits: Readonly<Partial<Record<string, number>>> = {
  text: textMaxBytes,
  markdown: markdownMaxBytes,
  markdown_v2: markdownMaxBytes,
};

function lineOf({ messages, template }: Trial, { sizes, mostParts }: Tried): string {
  const kinds = [...sizes].map(([type, bytes]) => {
    const limit = contentLimits[type] === undefined ? "" : ` of ${contentLimits[type]}`;
    return `${type} ${Math.min(...bytes)} to ${Math.max(...bytes)}${limit} bytes`;
  });
  return `${messages.join(", ")} "${template}": ${kinds.join(", ")}; at most ${mostParts} message${mostParts === 1 ? "" : "s"} for a sample`;
}
