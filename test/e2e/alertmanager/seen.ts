// What a test reads from a lab: the messages of the groups, the metrics of the programs and their answers.

import type { AcceptedMessage } from "../../../src/simulator/record.ts";
import { eventually } from "../../support/stack.ts";
import type { BotName, Lab, Service } from "./lab.ts";

export const withinMs = 90_000;

/** How many more flushes of every group a test awaits before it checks that nothing was delivered twice. */
const flushes = 3;

interface Card {
  readonly main_title?: { readonly title?: string; readonly desc?: string };
  readonly source?: { readonly desc?: string };
  readonly quote_area?: { readonly quote_text?: string };
  readonly horizontal_content_list?: readonly { readonly keyname: string; readonly value: string }[];
  readonly card_action?: { readonly url?: string };
}

/** Messages of a bot's group that show the text. */
export function messagesOf(lab: Lab, bot: BotName, text: string | RegExp): readonly AcceptedMessage[] {
  const shows = (body: string) => (typeof text === "string" ? body.includes(text) : text.test(body));
  return lab.simulator.accepted().filter(({ robot, body }) => robot === bot && shows(JSON.stringify(body)));
}

/** "" for a message that is not markdown. */
export function markdownOf(message: AcceptedMessage | undefined): string {
  return (message?.body as { readonly markdown?: { readonly content: string } } | undefined)?.markdown?.content ?? "";
}

export function cardOf(message: AcceptedMessage): Card | undefined {
  return (message.body as { readonly template_card?: Card }).template_card;
}

/** When an alert of the message started, as the message shows it. */
export function startOf(message: AcceptedMessage | undefined): string | undefined {
  return /\d\d:\d\d(?=[–\d:]* 起)/u.exec(markdownOf(message))?.[0];
}

/** Real ms from the action until `shows` is true. */
export async function timed(act: () => void, shows: () => boolean, within = withinMs): Promise<number> {
  const actedAt = performance.now();
  act();
  await eventually("it is delivered", shows, within);
  return Math.round(performance.now() - actedAt);
}

/** Holds back what the Alertmanagers post until `count` posts are on their way, so no sender knows that another post was accepted. */
export async function together(lab: Lab, count: number, act: () => void): Promise<void> {
  for (const cable of lab.cables) cable.cut();
  act();
  const held = () => lab.cables.reduce((sum, cable) => sum + cable.held(), 0);
  await eventually(`${count} posts are on their way`, () => held() >= count, withinMs);
  for (const cable of lab.cables) cable.repair();
}

/** Each flush of a group queries the notification log once. Prometheus resends every second, so resolved groups keep flushing. */
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

/** Alertmanager >= 0.32 sends the reason of a notification; repeats of older versions are identical. */
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

/** Posts one firing alert directly to the service; returns the status of the answer. */
export async function postAlert(origin: string, labels: Readonly<Record<string, string>>): Promise<number> {
  const body = JSON.stringify({ alerts: [{ status: "firing", labels }] });
  const answer = await fetch(`${origin}/webhook`, { method: "POST", body });
  await answer.arrayBuffer();
  return answer.status;
}

/** The value of one series of a service; 0 if it does not exist. */
export async function metricOf(service: Service, series: string): Promise<number> {
  const row = (await service.metrics()).split("\n").find((line) => line.startsWith(`${series} `));
  return Number(row?.split(" ").at(-1) ?? 0);
}
