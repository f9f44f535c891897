// Which addresses of other adapters a configuration answers, and what the names and keys in them stand for.

import { botLookup } from "./config/bots.ts";
import type { Config } from "./config/config.ts";
import { messageKinds } from "./domain/message-kind.ts";
import { createAliases, type FindAlias } from "./receive/compat.ts";
import type { TemplateSet } from "./render/template-set.ts";

/** Null when it answers none. */
export function aliasesOf({ bots, auth, compat }: Config, templates: TemplateSet): FindAlias | null {
  if (compat.peers.length === 0) return null;
  return createAliases({
    peers: compat.peers,
    botOf: botLookup({ bots, allowInlineKeys: compat.allowInlineKeys }),
    hasOwnCredentials: (bot) => auth.bots.has(bot),
    hasTemplate: (name) => messageKinds.some((kind) => templates.names(kind).includes(name)),
  });
}
