// What a test asks of a lab: what the groups were told, what the programs count and how they answer.

import type { AcceptedMessage } from "../../../src/simulator/record.ts";
import { eventually } from "../../support/stack.ts";
import type { BotName, Lab, Service } from "./lab.ts";

export const withinMs = 90_000;

/** How many more flushes of every group a test waits for before it says that nothing was told twice. */
const flushes = 3;

interface Card {
  readonly main_title?: { readonly title?: string; readonly desc?: string };
  readonly emphasis_content?: { readonly title?: string };
  readonly card_action?: { readonly url?: string };
}

/** Messages of a bot's group that show the text. */
export function told(lab: Lab, bot: BotName, text: string | RegExp): readonly AcceptedMessage[] {
  const shows = (body: string) => (typeof text === "string" ? body.includes(text) : text.test(body));
  return lab.simulator.accepted().filter(({ robot, body }) => robot === bot && shows(JSON.stringify(body)));
}

/** Empty for anything but markdown. */
export function markdownOf(message: AcceptedMessage | undefined): string {
  return (message?.body as { readonly markdown?: { readonly content: string } } | undefined)?.markdown?.content ?? "";
}

export function cardOf(message: AcceptedMessage): Card | undefined {
  return (message.body as { readonly template_card?: Card }).template_card;
}

/** When an alert of the message started, as the message says it. */
export function startOf(message: AcceptedMessage | undefined): string | undefined {
  return /[\d-]{10} [\d:]{8}(?= 开始)/u.exec(markdownOf(message))?.[0];
}

/** Real ms from the action until it shows. */
export async function timed(act: () => void, shows: () => boolean, within = withinMs): Promise<number> {
  const actedAt = performance.now();
  act();
  await eventually("it is told", shows, within);
  return Math.round(performance.now() - actedAt);
}

/** Holds what the Alertmanagers post until `count` posts are under way, then lets them go on: nobody was told that another was taken. */
export async function together(lab: Lab, count: number, act: () => void): Promise<void> {
  for (const cable of lab.cables) cable.cut();
  act();
  const held = () => lab.cables.reduce((sum, cable) => sum + cable.held(), 0);
  await eventually(`${count} posts are under way`, () => held() >= count, withinMs);
  for (const cable of lab.cables) cable.mend();
}

/** Each flush of a group asks the notification log once. What Prometheus sends again every second keeps resolved groups flushing. */
export async function moreFlushes(lab: Lab): Promise<void> {
  const flushedOften = async (peer: Lab["alertmanagers"][number]) => {
    const before = await peer.metric("nflog_queries_total");
    const enough = before + flushes * Math.max(1, await peer.metric("dispatcher_aggregation_groups"));
    await eventually(
      "every group was flushed",
      async () => (await peer.metric("nflog_queries_total")) >= enough,
      withinMs,
    );
  };
  await Promise.all(lab.alertmanagers.map(flushedOften));
}

/** Alertmanager >= 0.32 says why it notifies; the copies of older ones differ in nothing. */
export async function showsReasons(lab: Lab): Promise<boolean> {
  const text = await (await fetch(`${lab.alertmanagers[0]?.origin}/metrics`)).text();
  const [, major, minor] = /alertmanager_build_info\{.*version="(\d+)\.(\d+)/u.exec(text) ?? [];
  return Number(major) > 0 || Number(minor) >= 32;
}

export async function statusOf(url: string): Promise<number> {
  const answer = await fetch(url);
  await answer.arrayBuffer();
  return answer.status;
}

/** One firing alert, straight to the service; the answer's status. */
export async function postAlert(origin: string, labels: Readonly<Record<string, string>>): Promise<number> {
  const body = JSON.stringify({ alerts: [{ status: "firing", labels }] });
  const answer = await fetch(`${origin}/webhook`, { method: "POST", body });
  await answer.arrayBuffer();
  return answer.status;
}

/** Of one service; 0 when it is not there. */
export async function metricOf(service: Service, series: string): Promise<number> {
  const row = (await service.metrics()).split("\n").find((line) => line.startsWith(`${series} `));
  return Number(row?.split(" ").at(-1) ?? 0);
}
