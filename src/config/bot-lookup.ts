// The bot that a name stands for; and, where inline keys are allowed, the one that a key stands for in any form users paste it.
// A key that no bot has stands for nothing: it could not wait in the outbox, which holds no keys.

import type { Bot } from "./config.ts";
import { readRobotKey } from "./robot-key.ts";
import { Secret } from "./secret.ts";

export interface LookupOptions {
  readonly bots: ReadonlyMap<string, Bot>;
  readonly allowInlineKeys: boolean;
}

/** The function it returns gives the bot's name, or null. */
export function botLookup({ bots, allowInlineKeys }: LookupOptions): (nameOrKey: string) => string | null {
  const byKey = new Map([...bots.values()].flatMap(({ name, keys }) => keys.map((key) => [key.id, name] as const)));
  return (nameOrKey) => {
    if (bots.has(nameOrKey)) return nameOrKey;
    const read = allowInlineKeys ? readRobotKey(nameOrKey, null) : null;
    return read?.kind === "key" ? (byKey.get(new Secret(read.key).id) ?? null) : null;
  };
}
