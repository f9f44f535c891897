// Every folder here is a scenario: bodies that waited together (in.json, or in-1.json, in-2.json …), a config,
// scenario.json where they are sent as a digest, and what the group chat gets (out.json exactly, out.md as a human
// reads it). `npm run golden` rewrites the outs; the diff is the review.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type AnnouncedAction, announcementOf, noticeOf } from "../../src/actions/announcement.ts";
import { checkConfig } from "../../src/config/check.ts";
import type { Config } from "../../src/config/config.ts";
import { linkKeys } from "../../src/config/links.ts";
import type { Acknowledgement } from "../../src/domain/action.ts";
import { alertState } from "../../src/domain/instance.ts";
import { type Delivery, destinationId, type GroupDelivery, type Notification } from "../../src/domain/notification.ts";
import type { Recovery } from "../../src/domain/recovery.ts";
import { createIntake } from "../../src/intake.ts";
import { supersede } from "../../src/plan/supersede.ts";
import { loadTemplates } from "../../src/render/load-templates.ts";
import { type MessageDraft, mediaPlaceholder, type Rendered } from "../../src/render/message-draft.ts";
import { renderDelivery } from "../../src/render/render.ts";
import { settingsAt } from "../../src/render/settings.ts";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";
import { messageText, type WecomMessage } from "../../src/wecom/message.ts";
import { deliveredStates } from "../support/delivered-states.ts";

const usualNow = "2026-11-22T09:30:00Z";
const key = "00000000-0000-4000-8000-000000000000";
const rewrite = process.env.UPDATE_GOLDEN === "1";

interface Out {
  readonly bot: string;
  /** Of digests only. */
  readonly mode?: string;
  readonly messages: readonly WecomMessage[];
  /** By the number of the message that they belong to. */
  readonly files?: Readonly<Record<string, { readonly name: string; readonly text: string }>>;
  readonly pictures?: Readonly<Record<string, string>>;
  readonly templateFailures: number;
  readonly shortenedValues: number;
}

interface Played {
  readonly out: Out;
  readonly parts: readonly MessageDraft[];
}

/**
 * `scenario.json`: all queued alerts are sent in one digest, or late; the time, where it is not the usual one; so many
 * of the first bodies were delivered an hour before; what a datasource says of each alert, in the order of the bodies;
 * the rules by which the simulator flags a message; what was done about the alerts of the first body, which is announced
 * behind the others that wait; a notice of the last body.
 */
interface Scenario {
  readonly announced?: readonly AnnouncedAction[];
  readonly notice?: string;
  /** Who said, when it was delivered, that he works on the first alert that was. */
  readonly acknowledged?: string;
  readonly now?: string;
  readonly delivered?: number;
  readonly digest?: boolean;
  readonly late?: boolean;
  readonly recoveries?: readonly (Recovery | null)[];
  readonly flags?: readonly string[];
}

/** A second of silence, RFC 4867: 50 frames without data. */
const voiceClip = Buffer.concat([Buffer.from("#!AMR\n"), Buffer.alloc(50, 0x7c)]);

/** The smallest there is: one pixel. */
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

const scenarios = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());

/**
 * A busy machine may leave a connection idle for as long as the simulator keeps it, and post on it the moment it is
 * closed.
 */
const fresh = { connection: "close" };

describe("golden", () => {
  let simulator: Simulator;
  before(async () => {
    simulator = await startSimulator({ robots: [{ name: "golden", key }] });
  });
  after(() => simulator.close());

  for (const { name } of scenarios) {
    it(name.replaceAll("-", " "), async () => {
      const folder = join(import.meta.dirname, name);

      const played = play(folder);

      const outs = played.map(({ out }) => out);
      if (rewrite) {
        writeFileSync(join(folder, "out.json"), `${JSON.stringify(outs, null, 2)}\n`);
        writeFileSync(join(folder, "out.md"), asRead(outs));
      }
      assert.deepEqual(JSON.parse(JSON.stringify(outs)), JSON.parse(readFileSync(join(folder, "out.json"), "utf8")));
      assert.equal(asRead(outs), readFileSync(join(folder, "out.md"), "utf8"));
      const parts = played.flatMap((one) => one.parts);
      await assertWecomTakes(simulator, parts, scenarioOf(folder).flags ?? []);
    });
  }
});

function play(folder: string): readonly Played[] {
  const config = configOf(folder);
  const loaded = loadTemplates({ globs: config.templates, baseDir: folder, rotations: config.rotations });
  assert.ok(loaded.kind === "templates", JSON.stringify(loaded));
  const [linkKey = null] = config.links === null ? [] : linkKeys(config.links);
  const settings = settingsAt(nowOf(folder), {
    ...config,
    actionLinks: config.links && { key: linkKey, validMs: config.links.validMs },
    voiceClip: config.voiceFile === null ? null : voiceClip,
  });
  return deliveriesOf(folder, config).map((delivery) => {
    const rendered = renderDelivery(delivery, loaded.set, settings);
    const bot = delivery.kind === "digest" ? delivery.bot : delivery.routed.destination.bot;
    return { out: outOf(bot, delivery, rendered), parts: rendered.parts };
  });
}

function deliveriesOf(folder: string, config: Config): readonly Delivery[] {
  const takeIn = createIntake(config);
  const {
    digest = false,
    late = false,
    delivered: before = 0,
    announced = [],
    notice = "",
    acknowledged = "",
    recoveries = [],
  } = scenarioOf(folder);
  const now = nowOf(folder);
  const notifications = bodiesOf(folder).map((bytes) => {
    const intake = takeIn({ bytes, charset: null }, { kind: "route" }, now);
    assert.ok(intake.kind === "notifications", JSON.stringify(intake));
    return intake.notifications;
  });
  const delivered = deliveredBefore(notifications.slice(0, before).flat(), now);
  const announcements = announced.map((action, n) => announcementTo(notifications[0]?.[0], { action, n, now }));
  const waiting = [...withNotice(notifications.slice(before).flat(), notice), ...announcements];
  const acknowledgements = acknowledged === "" ? [] : acknowledgementOf(notifications[0]?.[0], acknowledged, now);
  const acceptedAt = late ? now - 7 * 3_600_000 : now;
  const groups = [...Map.groupBy(waiting, (one) => one.groupId).values()].map(([first, ...others]) => {
    assert.ok(first);
    const stored = ({ routed }: Notification) => ({ id: 7, acceptedAt, body: JSON.stringify(routed) });
    const context = { delivered, acknowledgements, late };
    const merged = supersede([stored(first), ...others.map(stored)], context);
    return { ...merged, recoveries: recoveriesOf(merged, recoveries) };
  });
  return digest ? [{ kind: "digest", bot: "ops", late, urgent: false, groups, acceptedAt }] : groups;
}

function recoveriesOf({ routed }: GroupDelivery, recoveries: readonly (Recovery | null)[]) {
  const known = routed.group.alerts.flatMap(({ identity }, n) => {
    const recovery = recoveries[n] ?? null;
    return recovery === null ? [] : [[identity, recovery] as const];
  });
  return new Map(known);
}

function announcementTo(
  about: Notification | undefined,
  { action, n, now }: { readonly action: AnnouncedAction; readonly n: number; readonly now: number },
): Notification {
  assert.ok(about);
  const acted = { routed: about.routed, alerts: about.routed.group.alerts };
  return announcementOf({ ...acted, notice: noticeOf(acted, action, now), key: `${n}` });
}

function acknowledgementOf(about: Notification | undefined, by: string, now: number): readonly Acknowledgement[] {
  const [alert] = about?.routed.group.alerts ?? [];
  assert.ok(about && alert);
  const { bot } = about.routed.destination;
  return [{ bot, identity: alert.identity, startsAt: alert.startsAt ?? 0, by, acknowledgedAt: now - 1_800_000 }];
}

function withNotice(notifications: readonly Notification[], notice: string): readonly Notification[] {
  const last = notifications.length - 1;
  return notifications.map((one, n) => (n === last ? { ...one, routed: { ...one.routed, notice } } : one));
}

function nowOf(folder: string): number {
  return Date.parse(scenarioOf(folder).now ?? usualNow);
}

function deliveredBefore(notifications: readonly Notification[], now: number) {
  const states = notifications.flatMap(({ routed: { group, destination } }) => {
    const whole = { destination: destinationId(destination), deliveredAt: now - 3_600_000 };
    return group.alerts.map((alert) => ({ ...alertState(alert, group), identity: alert.identity, ...whole }));
  });
  return deliveredStates(states);
}

function scenarioOf(folder: string): Scenario {
  const path = join(folder, "scenario.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Scenario) : {};
}

function outOf(bot: string, delivery: Delivery, { mode, parts, templateFailures, shortenedValues }: Rendered): Out {
  const numbered = parts.map((part, index) => [String(index + 1), part] as const);
  const files = numbered.flatMap(([number, { media }]) => {
    if (media === null) return [];
    const text = media.type === "file" ? Buffer.from(media.content).toString() : `${media.content.length} bytes`;
    return [[number, { name: media.name, text }] as const];
  });
  const pictures = numbered.flatMap(([number, { picture }]) =>
    picture === null ? [] : [[number, picture.kind === "picture" ? picture.location : "graph"] as const],
  );
  return {
    bot,
    ...(delivery.kind === "digest" ? { mode } : {}),
    messages: parts.map(({ message }) => message),
    ...(files.length === 0 ? {} : { files: Object.fromEntries(files) }),
    ...(pictures.length === 0 ? {} : { pictures: Object.fromEntries(pictures) }),
    templateFailures: templateFailures.length,
    shortenedValues,
  };
}

function configOf(folder: string): Config {
  const text = readFileSync(join(folder, "config.yaml"), "utf8");
  const checked = checkConfig(text, { env: () => undefined, file: () => ({ kind: "unreadable", message: "none" }) });
  assert.ok(checked.kind === "config", JSON.stringify(checked));
  return checked.config;
}

function bodiesOf(folder: string): readonly Uint8Array[] {
  const single = join(folder, "in.json");
  if (existsSync(single)) return [readFileSync(single)];
  const names = readdirSync(folder).filter((name) => /^in-\d+\.json$/u.test(name));
  return names.sort().map((name) => readFileSync(join(folder, name)));
}

/**
 * What a reviewer reads: contents as they are, cards as indented JSON, with the bytes WeCom counts; files behind them.
 */
function asRead(outs: readonly Out[]): string {
  const blocks = outs.flatMap(({ bot, messages, files, pictures }) =>
    messages.map((message, index) => {
      const content = messageText(message);
      const bytes = Buffer.byteLength(content);
      const head = `<!-- ${bot}: ${message.msgtype} ${index + 1}/${messages.length}, ${bytes} bytes -->`;
      const file = files?.[index + 1];
      const behind = [file?.name, file?.text.replaceAll("\r\n", "\n").trimEnd(), pictures?.[index + 1]];
      return `${[head, "", content, ...behind.filter((text) => text !== undefined)].join("\n")}\n`;
    }),
  );
  return blocks.join("\n");
}

/** The simulator reads WeCom's documentation on its own; what it refuses, WeCom would refuse. */
async function assertWecomTakes(
  simulator: Simulator,
  parts: readonly MessageDraft[],
  flags: readonly string[],
): Promise<void> {
  simulator.reset();
  for (const part of parts) {
    simulator.advanceClock(60_000);
    const url = `${simulator.origin}/cgi-bin/webhook/send?key=${key}`;
    const answer = await fetch(url, { method: "POST", headers: fresh, body: await completed(simulator, part) });
    assert.equal(((await answer.json()) as { errcode: number }).errcode, 0);
  }
  const violations = simulator.violations().map(({ rule, errcode }) => (errcode === 0 ? rule : `${rule} ${errcode}`));
  assert.deepEqual(violations, flags);
}

/** What has to happen before a message can leave. */
async function completed(simulator: Simulator, { message, media, picture }: MessageDraft): Promise<string> {
  if (picture !== null) {
    const image = { base64: png.toString("base64"), md5: createHash("md5").update(png).digest("hex") };
    return JSON.stringify({ ...message, image });
  }
  if (media === null) return JSON.stringify(message);
  const form = new FormData();
  form.append("media", new Blob([Buffer.from(media.content)]), media.name);
  const url = `${simulator.origin}/cgi-bin/webhook/upload_media?key=${key}&type=${media.type}`;
  const answer = (await (await fetch(url, { method: "POST", headers: fresh, body: form })).json()) as Record<
    string,
    unknown
  >;
  assert.equal(answer.errcode, 0, JSON.stringify(answer));
  return JSON.stringify(message).replace(mediaPlaceholder, String(answer.media_id));
}
