// Files that messages carry. One copy is kept, however many messages use it, until no message does.

import { createHash } from "node:crypto";
import type { Media } from "../domain/media.ts";
import { OutboxConflict } from "./errors.ts";
import type { Database, Write } from "./schema.ts";
import type { Lease, MediaId } from "./store.ts";

/** Stores the file unless it is known, and returns its hash. */
export async function keepMedia(trx: Write, { type, name, content }: Media, createdAt: number): Promise<string> {
  const hash = createHash("sha256")
    .update(type)
    .update("\0")
    .update(name)
    .update("\0")
    .update(content)
    .digest("base64url");
  await trx
    .insertInto("media")
    .values({ hash, type, name, created_at: createdAt, content: Buffer.from(content).toString("base64") })
    .onConflict((conflict) => conflict.column("hash").doNothing())
    .execute();
  return hash;
}

export async function readMedia(db: Database, { bot }: Lease, hash: string): Promise<Media> {
  const row = await db
    .selectFrom("media")
    .select(["type", "name", "content"])
    .where("hash", "=", hash)
    .executeTakeFirst();
  if (row === undefined) throw new OutboxConflict(`the file of a message of bot ${bot} is missing: ${hash}`);
  return { type: row.type, name: row.name, content: Buffer.from(row.content, "base64") };
}

export async function keepMediaId(trx: Write, { keyId, mediaHash, mediaId, expiresAt }: MediaId): Promise<void> {
  const known = { media_id: mediaId, expires_at: expiresAt };
  await trx
    .insertInto("media_ids")
    .values({ key_id: keyId, media_hash: mediaHash, ...known })
    .onConflict((conflict) => conflict.columns(["key_id", "media_hash"]).doUpdateSet(known))
    .execute();
}

export async function forgetMediaId(trx: Write, keyId: string, mediaHash: string): Promise<void> {
  await trx.deleteFrom("media_ids").where("key_id", "=", keyId).where("media_hash", "=", mediaHash).execute();
}

/** WeCom keeps a file for three days; we keep it as long as a message uses it. */
export async function pruneMedia(db: Database, before: number): Promise<void> {
  await db.deleteFrom("media_ids").where("expires_at", "<", before).execute();
  await db
    .deleteFrom("media")
    .where("created_at", "<", before)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom("messages").select("id").whereRef("messages.media_hash", "=", "media.hash"))),
    )
    .execute();
}
