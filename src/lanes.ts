// What each lane works with, from one configuration.

import type { Config } from "./config/config.ts";
import type { CompletedDrafts, LaneOptions, LaneProcess, RobotAccess } from "./deliver/lane-options.ts";
import type { RenderPlanned } from "./deliver/renderer.ts";
import type { NewMessage } from "./outbox/store.ts";
import { type MessageDraft, mediaPlaceholder } from "./render/message-draft.ts";
import { markPossiblyRepeated } from "./render/possibly-repeated.ts";
import { repairMessage } from "./render/repair.ts";
import type { RouteNode } from "./route/tree.ts";
import type { WecomMessage } from "./wecom/message.ts";
import type { PictureClient } from "./wecom/picture.ts";

export interface LaneSources {
  readonly config: Config;
  readonly process: LaneProcess;
  readonly robot: RobotAccess;
  readonly pictures: PictureClient;
  readonly render: RenderPlanned;
}

export function lanesOf({ config, process, robot, pictures, render }: LaneSources): readonly LaneOptions[] {
  const { language, route, digest } = config;
  return [...config.bots.values()].map((bot) => ({
    settings: {
      bot: bot.name,
      keys: bot.keys,
      fallback: bot.fallback,
      reserve: hasUrgentRoute(route, bot.name) ? digest.reserve : 0,
      digestMessages: digest.maxMessages,
      maxAgeMs: config.deliver.maxAgeMs,
    },
    process,
    bodies: {
      render,
      complete: (drafts) => withPictures(drafts, pictures),
      repair: (body, repair) => {
        const repaired = repairMessage(JSON.parse(body) as WecomMessage, repair);
        return repaired === null ? null : repaired.map((message) => JSON.stringify(message));
      },
      markPossiblyRepeated: (body) => JSON.stringify(markPossiblyRepeated(JSON.parse(body) as WecomMessage, language)),
      withMediaId: (body, mediaId) => body.replaceAll(mediaPlaceholder, mediaId),
    },
    robot,
  }));
}

function hasUrgentRoute(route: RouteNode, bot: string): boolean {
  const own = route.settings.urgent && route.settings.bots.includes(bot);
  return own || route.routes.some((child) => hasUrgentRoute(child, bot));
}

/** Fetches the pictures of a delivery in parallel. A draft whose picture cannot be fetched is left out: other drafts show its alerts. */
async function withPictures(drafts: readonly MessageDraft[], pictures: PictureClient): Promise<CompletedDrafts> {
  const missingPictures: string[] = [];
  const messages = await Promise.all(
    drafts.map(async ({ message, media, picture }): Promise<NewMessage | null> => {
      if (picture === null) return { body: JSON.stringify(message), media };
      const fetched = await pictures.fetch(picture);
      if (fetched.kind === "picture")
        return { body: JSON.stringify({ msgtype: "image", image: fetched.picture }), media };
      missingPictures.push(fetched.reason);
      return null;
    }),
  );
  return { messages: messages.filter((message) => message !== null), missingPictures };
}
