// What each lane is given: the stages as functions of plain bodies, closed over one configuration. Joins, decides nothing.

import type { Config } from "./config/config.ts";
import type { Draft, LaneOptions, RenderedDelivery } from "./deliver/lane-options.ts";
import type { QueuedDelivery } from "./domain/queued-delivery.ts";
import { mediaPlaceholder } from "./render/message-draft.ts";
import { markPossiblyRepeated } from "./render/possibly-repeated.ts";
import { repairMessage } from "./render/repair.ts";
import type { RouteNode } from "./route/tree.ts";
import type { WecomMessage } from "./wecom/message.ts";
import type { PictureClient } from "./wecom/picture.ts";

export interface LaneSources
  extends Pick<
    LaneOptions,
    "outbox" | "clock" | "random" | "owner" | "leaseMs" | "deliveryMaxBytes" | "send" | "upload" | "report"
  > {
  readonly config: Config;
  readonly pictures: PictureClient;
  /** Puts what waits into words. `at`: the instant that people read as now, epoch ms. */
  readonly render: (waiting: QueuedDelivery, at: number) => Promise<RenderedDelivery>;
}

export function lanesOf(sources: LaneSources): readonly LaneOptions[] {
  const { config, pictures, render, ...shells } = sources;
  const { language, route, digest } = config;
  return [...config.bots.values()].map((bot) => ({
    ...shells,
    bot: bot.name,
    keys: bot.keys,
    fallback: bot.fallback,
    reserve: hasUrgentRoute(route, bot.name) ? digest.reserve : 0,
    digestMessages: digest.maxMessages,
    maxAgeMs: config.deliver.maxAgeMs,
    render: (waiting, now) => {
      const wall = shells.clock.wall();
      return render(movedBy(wall - now, waiting), wall);
    },
    complete: (drafts) => withPictures(drafts, pictures),
    repair: (body, repair) => {
      const repaired = repairMessage(JSON.parse(body) as WecomMessage, repair);
      return repaired === null ? null : repaired.map((message) => JSON.stringify(message));
    },
    markPossiblyRepeated: (body) => JSON.stringify(markPossiblyRepeated(JSON.parse(body) as WecomMessage, language)),
    withMediaId: (body, mediaId) => body.replaceAll(mediaPlaceholder, mediaId),
  }));
}

function hasUrgentRoute(route: RouteNode, bot: string): boolean {
  const own = route.settings.urgent && route.settings.bots.includes(bot);
  return own || route.routes.some((child) => hasUrgentRoute(child, bot));
}

/** Instants as people read them: the machine's clock may have been set since the service started to count on from it. */
function movedBy(ms: number, { groups, ...waiting }: QueuedDelivery): QueuedDelivery {
  const moved = groups.map((texts) => texts.map((text) => ({ ...text, acceptedAt: text.acceptedAt + ms })));
  return { ...waiting, groups: moved };
}

/** Pictures of a delivery are fetched side by side. One that can not be had is left out: no picture ever stands for its alerts alone. */
async function withPictures(drafts: readonly Draft[], pictures: PictureClient) {
  const missing: string[] = [];
  const parts = await Promise.all(
    drafts.map(async ({ body, media, picture }) => {
      if (picture === null) return { body, media };
      const fetched = await pictures.fetch(picture);
      if (fetched.kind === "picture")
        return { body: JSON.stringify({ msgtype: "image", image: fetched.picture }), media };
      missing.push(fetched.reason);
      return null;
    }),
  );
  return { parts: parts.filter((part) => part !== null), missing };
}
