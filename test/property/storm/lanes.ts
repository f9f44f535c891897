// The bots of the model as lanes, for the config that runs: which keys they have, and how they reach the robots. A bot without
// keys is not in the config, and is no fallback.

import { Secret } from "../../../src/config/secret.ts";
import { FilledPartLimit } from "../../../src/deliver/filled-part-limit.ts";
import type { LaneOptions } from "../../../src/deliver/lane-options.ts";
import type { LocatedPicture } from "../../../src/render/message-draft.ts";
import { createRender, markRepeated, pictureBody } from "./bodies.ts";
import type { Incarnation } from "./incarnation.ts";
import { keyName, type Robots, type Term } from "./robots.ts";
import type { Shape } from "./script.ts";

const digestMessages = 3;

/** Of the pictures, by the number of their delivery. The last is too late. */
const fillTimesMs = [0, 300, 5_000, 40_000];

export type Bot = "east" | "spare";

interface Configured {
  readonly shape: Shape;
  /** Numbers of keys that the config does not name. */
  readonly lost: readonly number[];
}

export function keysOf(bot: Bot, { shape, lost }: Configured): readonly number[] {
  const all = bot === "east" ? Array.from({ length: shape.keys }, (_, n) => n) : [9];
  return all.filter((n) => !lost.includes(n));
}

export interface LaneParts extends Configured {
  readonly process: Incarnation;
  readonly robots: Robots;
  readonly render: ReturnType<typeof createRender>;
  readonly term: Term;
}

export function createDeliveries(): LaneParts["render"] {
  return createRender(digestMessages);
}

export function lanesOf(parts: LaneParts): readonly LaneOptions[] {
  const bots = (["east", "spare"] as const).filter((bot) => keysOf(bot, parts).length > 0);
  const fallback = parts.shape.fallback && bots.includes("spare") ? "spare" : null;
  return bots.map((bot) => laneOf(bot, bot === "east" ? fallback : null, parts));
}

function laneOf(bot: Bot, fallback: string | null, parts: LaneParts): LaneOptions {
  const { process, robots, shape, render, term } = parts;
  const names = keysOf(bot, parts).map(keyName);
  const keys = names.map((name) => new Secret(name));
  const line = process.lineOf({ bot, keys: names, term });
  return {
    settings: {
      bot,
      keys,
      fallback,
      reserve: shape.reserve,
      digestMessages,
      maxAgeMs: shape.maxAgeMs,
      optionalMaxDelayMs: 30_000,
      hasLinks: false,
    },
    process: {
      outbox: process.outbox,
      clock: process.clock,
      random: () => 0.5,
      deliveryMaxBytes: 1e9,
      filledParts: new FilledPartLimit(),
      report: (one) => {
        if (one.kind === "broken") throw one.cause;
      },
    },
    bodies: {
      render,
      recoveriesOf: null,
      fill: async (wanted, signal) => {
        const { location } = wanted as LocatedPicture;
        await process.clock.sleep(fillTimesMs[Number(location) % fillTimesMs.length] ?? 0, signal);
        return { kind: "filled", body: pictureBody(location) };
      },
      repair: () => null,
      markPossiblyRepeated: markRepeated,
      withMediaId: (body, mediaId) => body.replace("{media_id}", mediaId),
    },
    robot: {
      send: (key, body) => robots.send(line, key, body),
      upload: (key, media) => robots.upload(line, key, media),
    },
  };
}
