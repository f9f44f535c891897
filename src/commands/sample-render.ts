// Renders the samples (templates/samples) with every template: the bytes of each kind of message, and which templates fail.

import type { Sample } from "../console/samples.ts";
import type { AlertGroup } from "../domain/alert.ts";
import { languages, type MessageKind, messageKinds } from "../domain/message-kind.ts";
import type { Destination, GroupDelivery, Mention } from "../domain/notification.ts";
import { isOwnTemplate } from "../render/load-templates.ts";
import { renderDelivery } from "../render/render.ts";
import type { SettingsNow } from "../render/settings.ts";
import type { TemplateSet } from "../render/template/template-set.ts";
import { destinationOf } from "../route/split-group.ts";
import { type RouteNode, type RouteSettings, routesWithin } from "../route/tree.ts";
import { markdownMaxBytes, textMaxBytes } from "../wecom/limits.ts";
import { messageText } from "../wecom/message.ts";
import { immediateDelivery, sizeOf } from "./render.ts";
import { noticingTemplates } from "./unknown-fields.ts";

interface SampleRender {
  /** One line for each template and kind of message. */
  readonly report: readonly string[];
  readonly issues: readonly string[];
  readonly warnings: readonly string[];
}

interface SampleInput {
  readonly samples: readonly Sample[];
  readonly templates: TemplateSet;
  readonly route: RouteNode;
  readonly settings: SettingsNow;
  /** Whether the report is also about built-in templates. */
  readonly verbose: boolean;
}

/** With the settings of the first route in each language that the routes use. */
export function renderSamples(given: SampleInput): SampleRender {
  const own = given.templates.sources.filter(isOwnTemplate);
  const { templates, warnings } = noticingTemplates(given.templates, own);
  const input = { ...given, templates };
  const all = routesWithin(input.route).map(({ settings }) => settings);
  const perLanguage = languages.flatMap((language) => all.find((one) => one.language === language) ?? []);
  const trials = perLanguage.flatMap((settings) => trialsOf(settings, input.templates));
  const tried = trials.map((trial) => ({ trial, tried: tryWith(trial, input) }));
  const issues = [
    ...tried.flatMap((one) => one.tried.issues),
    ...mentioningTrials(all).flatMap((trial) => tryWith(trial, input).issues),
    ...perLanguage.flatMap((settings) => digestIssues(settings, input)),
  ];
  const isOwn = ({ messages, template }: Destination) =>
    own.some(({ name }) => name.startsWith(`${template}.${messages[0]}.`));
  const report = tried
    .filter(({ trial }) => input.verbose || isOwn(trial))
    .map((one) => reportLine(one.trial, one.tried, perLanguage.length > 1));
  const printed = tried.flatMap(({ trial: { template, messages }, tried: { wrongVerb } }) =>
    wrongVerb === null
      ? []
      : [`template ${template}.${messages[0]} prints ${wrongVerb}: its value is not of the kind that printf asks for`],
  );
  return { report, issues: [...new Set(issues)], warnings: [...warnings, ...new Set(printed)] };
}

/** Each kind with each of its templates. */
function trialsOf(settings: RouteSettings, templates: TemplateSet): readonly Destination[] {
  const { names } = templates.in[settings.language];
  return messageKinds.flatMap((kind) => names(kind).map((template) => plainTrial(settings, kind, template)));
}

const noMention: Mention = { users: [], mobiles: [], all: false, on: [], repeats: false };

function plainTrial(settings: RouteSettings, kind: MessageKind, template: string): Destination {
  return { ...destinationOf("sample", settings), messages: [kind], template, urgent: false, mention: noMention };
}

/** The routes with mentions, each with its own template, for firing and resolved alerts. */
function mentioningTrials(routes: readonly RouteSettings[]): readonly Destination[] {
  const mentioning = routes.filter(({ mention }) => mention.users.length + mention.mobiles.length > 0);
  return mentioning.map((settings) => {
    const mention: Mention = { ...settings.mention, on: ["firing", "resolved"] };
    return { ...destinationOf("sample", settings), urgent: false, mention };
  });
}

/** All samples in one digest, in each kind of message that a digest may have. */
function digestIssues(route: RouteSettings, { samples, templates, settings }: SampleInput): readonly string[] {
  return (["markdown", "markdown_v2", "text"] as const).flatMap((kind) => {
    const trial = plainTrial(route, kind, "default");
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

function deliveryOf(group: AlertGroup, destination: Destination, now: number): GroupDelivery {
  return immediateDelivery({ destination, routes: [], group, grouping: "as_sent", mergeWaitMs: 0, notice: "" }, now);
}

interface Tried {
  /** Bytes of each message of the samples, by type. */
  readonly sizes: ReadonlyMap<string, readonly number[]>;
  readonly mostParts: number;
  readonly issues: readonly string[];
  /** What printf prints for a value of the wrong kind: `%!f(string=web-1)`. */
  readonly wrongVerb: string | null;
}

const wrongVerb = /%!\w?[(（][^)）]*[)）]?/u;

function tryWith(trial: Destination, { samples, templates, settings }: SampleInput): Tried {
  const rendered = samples.map(({ name, group }) => {
    return { name, ...renderDelivery(deliveryOf(group, trial, settings.now), templates, settings) };
  });
  const bodies = rendered.flatMap(({ parts }) => parts.map(({ message }) => message));
  const grouped = Map.groupBy(bodies, ({ msgtype }) => msgtype);
  return {
    sizes: new Map([...grouped].map(([type, ofType]) => [type, ofType.map(sizeOf)])),
    mostParts: Math.max(...rendered.map(({ parts }) => parts.length)),
    issues: failureLines(rendered),
    wrongVerb: wrongVerb.exec(bodies.map(messageText).join("\n"))?.[0] ?? null,
  };
}

/** One for each template and reason. */
function failureLines(
  rendered: readonly (Pick<ReturnType<typeof renderDelivery>, "templateFailures"> & { readonly name: string })[],
): readonly string[] {
  const failures = rendered.flatMap(({ name, templateFailures }) =>
    templateFailures.map(({ template, message }) => ({ name, template, message })),
  );
  const alike = Map.groupBy(failures, ({ template, message }) => `${template}\n${message}`);
  return [...alike.values()].flatMap((group) => {
    const samples = [...new Set(group.map(({ name }) => name))];
    const tried = samples.length === rendered.length ? "every sample" : `the sample ${samples.join(", ")}`;
    return group.slice(0, 1).map(({ template, message }) => `template ${template} fails with ${tried}: ${message}`);
  });
}

/** Bytes of the content; a card has limits for each field instead. */
const contentLimits: Readonly<Partial<Record<string, number>>> = {
  text: textMaxBytes,
  markdown: markdownMaxBytes,
  markdown_v2: markdownMaxBytes,
};

function reportLine(
  { messages, template, language }: Destination,
  { sizes, mostParts }: Tried,
  withLanguage: boolean,
): string {
  const kinds = [...sizes].map(([type, bytes]) => {
    const limit = contentLimits[type] === undefined ? "" : ` of ${contentLimits[type]}`;
    return `${type} ${Math.min(...bytes)} to ${Math.max(...bytes)}${limit} bytes`;
  });
  const shown = withLanguage ? ` in ${language}` : "";
  return `${messages.join(", ")} "${template}"${shown}: ${kinds.join(", ")}; at most ${mostParts} message${mostParts === 1 ? "" : "s"} for a sample`;
}
