// The evidence of a run: the messages that the robots accepted, in order of arrival, and the messages as the outbox stores them.

import type { Simulator } from "../../src/simulator/server.ts";
import type { TestPostgres } from "../../test/support/postgres-server.ts";

interface ShownText {
  readonly robot: string;
  /** The text that the group reads, without the mark; for a file, its content. */
  readonly text: string;
  readonly isFile: boolean;
}

/** One message that a robot accepted. */
export interface Shown extends ShownText {
  readonly at: number;
  readonly marked: boolean;
}

/** One message as the outbox stored it, unless it was retracted: planned again before anything of it arrived. */
export interface Stored {
  readonly deliveryId: number;
  /** Order within its delivery. */
  readonly place: number;
  readonly bot: string;
  readonly text: string;
  readonly isFile: boolean;
  readonly inDoubt: boolean;
}

export interface Evidence {
  readonly shown: readonly Shown[];
  readonly stored: readonly Stored[];
  /** Deliveries by mode. */
  readonly modes: Readonly<Record<string, number>>;
  /** Notifications that the outbox stores more than once. */
  readonly storedTwice: number;
}

const mark = /（可能重复）(?=\n|$)/u;

interface Body {
  readonly markdown?: { readonly content: string };
  readonly file?: { readonly media_id: string };
}

function shownBy(simulator: Simulator): readonly Shown[] {
  const files = new Map(simulator.files().map(({ mediaId, text }) => [mediaId, text]));
  return simulator.accepted().map(({ at, robot, body }) => {
    const { markdown, file } = body as Body;
    const text = file === undefined ? markdown?.content : files.get(file.media_id);
    if (text === undefined || text === null) throw new Error(`unexpected kind of message to ${robot}`);
    return { at, robot, text: text.replace(mark, ""), isFile: file !== undefined, marked: mark.test(text) };
  });
}

/** How many notifications and deliveries are unfinished, according to the outbox. */
export async function waitingIn(postgres: TestPostgres, schema: string): Promise<number> {
  const [row] = await postgres.query(
    `select (select count(*) from ${schema}.notifications where dead_delivery_id is null)
       + (select count(*) from ${schema}.deliveries where settled_at is null) as waiting`,
  );
  return Number(row?.waiting);
}

export async function gather(simulator: Simulator, postgres: TestPostgres, schema: string): Promise<Evidence> {
  const messages = await postgres.query(
    `select delivery_id, place, bot, mode, in_doubt, gone, body, content from ${schema}.seen_messages
       join ${schema}.seen_deliveries on seen_deliveries.id = delivery_id`,
  );
  const twice = await postgres.query(
    `select body_hash from ${schema}.seen_notifications group by bot, body_hash having count(*) > 1`,
  );
  const shown = shownBy(simulator);
  const arrived = new Set(shown.map(identityOf));
  const stored = messages.map((row) => {
    const isFile = row.content !== null;
    const content = isFile ? fileText(String(row.content)) : contentOf(String(row.body));
    const message = { robot: String(row.bot), isFile, text: content.replace(mark, "") };
    const place = { deliveryId: Number(row.delivery_id), place: Number(row.place), bot: message.robot };
    const isRetracted = row.gone === true && !arrived.has(identityOf(message));
    return { ...place, ...message, mode: String(row.mode), inDoubt: row.in_doubt === 1, isRetracted };
  });
  const kept = stored.filter(({ isRetracted }) => !isRetracted);
  const modeOf = new Map(kept.map(({ deliveryId, mode }) => [deliveryId, mode]));
  const modes = [...Map.groupBy(modeOf.values(), (mode) => mode)].map(([mode, all]) => [mode, all.length] as const);
  return { shown, stored: kept, modes: Object.fromEntries(modes.sort()), storedTwice: twice.length };
}

/** No two deliveries share an alert, so the same text is the same message. */
export function identityOf({ robot, isFile, text }: ShownText): string {
  return JSON.stringify([robot, isFile, text]);
}

/** Decodes as the simulator decodes uploads: without the byte order mark. */
function fileText(base64: string): string {
  return new TextDecoder().decode(Buffer.from(base64, "base64"));
}

function contentOf(body: string): string {
  return (JSON.parse(body) as Body).markdown?.content ?? "";
}
