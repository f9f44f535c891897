// The pages that try something and change nothing: routes and templates.

import type { ConsoleSection } from "./console/console.ts";
import { fieldOf, type Page, type Visit } from "./console/page.ts";
import { kindFrom, playgroundPage, sourceOf, type TitledSample, templateFile } from "./console/playground.ts";
import type { PlaygroundThread } from "./console/playground-thread.ts";
import { asTyped, labelsIn, type RoutedTrial, routingPage } from "./console/routing.ts";
import { loadSamples, sampleIn } from "./console/samples.ts";
import { entriesOfDelivery } from "./console-deliveries.ts";
import { previewRequest } from "./console-preview.ts";
import type { RenderPlanned } from "./deliver/renderer.ts";
import type { AlertStatus, LabelSet } from "./domain/alert.ts";
import type { HistoryEntry } from "./domain/history.ts";
import { createIntake } from "./intake.ts";
import type { Outbox } from "./outbox/store.ts";
import { destinationOf } from "./route/split-group.ts";
import { explainRoutes, matchRoutes } from "./route/tree.ts";
import type { ServiceSetup, SharedParts } from "./service-parts.ts";

export function routingSection(
  { config }: ServiceSetup,
  { outbox, clock }: SharedParts,
  render: RenderPlanned,
): ConsoleSection {
  const intake = createIntake(config);
  const trialsOf = async (labels: LabelSet, status: AlertStatus): Promise<readonly RoutedTrial[]> => {
    const bytes = Buffer.from(
      JSON.stringify({ alerts: [{ labels, status, startsAt: new Date(clock.wall()).toISOString() }] }),
    );
    const result = intake({ bytes, charset: null }, { kind: "route" }, clock.wall());
    const routed = result.kind === "rejected" ? [] : result.notifications.map((notification) => notification.routed);
    const requests = routed.map((one) => previewRequest([one], { outboxNow: outbox.now(), wallAt: clock.wall() }));
    const rendered = await Promise.all(requests.map(render));
    return routed.flatMap((one, n) => {
      const { bot } = one.destination;
      const route = matchRoutes(config.route, labels).find(({ settings }) => settings.bots.includes(bot))?.path;
      const of = rendered[n];
      return of === undefined ? [] : [{ bot, route: route ?? "", rendered: of }];
    });
  };
  return {
    name: (strings) => strings.routing,
    adminOnly: false,
    count: null,
    pages: {
      "/routing": async (visit, { query }) => {
        const text = fieldOf(query, "labels");
        const status = fieldOf(query, "status") === "resolved" ? "resolved" : "firing";
        const labels = labelsIn(text);
        const isAsked = Object.keys(labels).length > 0;
        return routingPage(visit, {
          text,
          status,
          visited: isAsked ? explainRoutes(config.route, labels) : null,
          trials: isAsked ? await trialsOf(labels, status) : [],
          people: config.people,
          recent: await recentLabels(outbox),
        });
      },
    },
    actions: {},
  };
}

export function playgroundSection(
  setup: ServiceSetup,
  { clock, outbox }: SharedParts,
  thread: PlaygroundThread,
): ConsoleSection {
  const { config, templates } = setup;
  const { settings } = config.route;
  const pageFor = async (visit: Visit, form: unknown, isTyped: boolean): Promise<Page> => {
    const kind = kindFrom(fieldOf(form, "kind"));
    const names = templates.in[settings.language].names(kind);
    const template = names.find((name) => name === fieldOf(form, "template")) ?? "default";
    const asked = fieldOf(form, "sample");
    const ofProgram = loadSamples().map((sample) => ({ ...sample, title: sample.name }));
    const samples = [...ofProgram, ...(await realSamples(outbox, asked))];
    const sample = sampleIn(samples, asked);
    const path = templateFile(template, kind);
    const text = isTyped ? fieldOf(form, "text") : sourceOf(templates.sources, path, settings.language);
    const mention = { users: [], mobiles: [], all: false, on: [], repeats: false };
    const destination = { ...destinationOf("playground", settings), messages: [kind], template, mention };
    const source = { name: template, path, text, language: null };
    const result = await thread.render({ source, group: sample.group, destination, now: clock.wall() });
    return playgroundPage(visit, { kind, template, templates: names, text, sample: sample.name, samples, result });
  };
  return {
    name: (strings) => strings.playground,
    adminOnly: true,
    count: null,
    pages: { "/playground": (visit, { query }) => pageFor(visit, query, false) },
    actions: {
      "/playground": (visit, { body }) => pageFor(visit, body, true),
      "/playground/download": (_visit, { body }) => ({
        file: templateFile(fieldOf(body, "template"), kindFrom(fieldOf(body, "kind"))),
        text: fieldOf(body, "text"),
      }),
    },
  };
}

const recentMs = 86_400_000;
const mostRecent = 50;
const recentShown = 10;

/** Of the last day, the latest first; none while the storage does not answer: these pages need nothing of it. */
async function recentEntries(outbox: Outbox): Promise<readonly HistoryEntry[]> {
  const now = outbox.now();
  const any = { text: "", bot: null, outcome: null, deliveryId: null, after: null };
  const query = { ...any, fromAt: now - recentMs, untilAt: now + 1, maxEntries: mostRecent };
  return outbox.history(query).then(
    ({ entries }) => entries,
    () => [],
  );
}

async function recentLabels(outbox: Outbox): Promise<readonly string[]> {
  const texts = (await recentEntries(outbox)).map(({ alert }) => asTyped(alert.labels));
  return [...new Set(texts)].slice(0, recentShown);
}

/** Deliveries of the last day, one for each alert name, and the one that was asked for. */
async function realSamples(outbox: Outbox, asked: string): Promise<readonly TitledSample[]> {
  const id = /^delivery (\d+) /u.exec(`${asked} `)?.[1];
  const wanted = id === undefined ? [] : await entriesOfDelivery(outbox, Number(id));
  const recent = (await recentEntries(outbox)).filter(({ deliveryId }) => deliveryId !== null);
  const byName = new Map([...recent.toReversed(), ...wanted].map((entry) => [entry.alert.labels.alertname, entry]));
  const entries = [...new Set([...wanted.slice(0, 1), ...[...byName.values()].toReversed().slice(0, recentShown)])];
  return entries.map(({ deliveryId, alert, routed }) => {
    const { alertname = "" } = alert.labels;
    return { name: `delivery ${deliveryId}`, title: `${alertname} (${deliveryId})`, group: routed.group };
  });
}
