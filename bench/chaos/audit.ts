// The outbox deletes what was delivered. Triggers copy every row that it writes into tables of the judge, so that the evidence does not
// depend on what the service keeps.

import type { TestPostgres } from "../../test/support/postgres-server.ts";

/** After the service has made its tables, and before the first webhook. */
export async function installAudit(postgres: TestPostgres, schema: string): Promise<void> {
  for (const statement of statements(schema)) await postgres.query(statement);
}

function statements(schema: string): readonly string[] {
  const copies: readonly (readonly [table: string, event: string, body: string])[] = [
    ["notifications", "insert", `insert into ${schema}.seen_notifications values (new.bot, md5(new.body))`],
    ["deliveries", "insert", `insert into ${schema}.seen_deliveries values (new.id, new.bot, new.mode)`],
    [
      "messages",
      "insert",
      `insert into ${schema}.seen_messages
        select new.id, new.delivery_id, new.place, new.in_doubt, false, new.body,
          (select content from ${schema}.media where hash = new.media_hash)`,
    ],
    [
      "messages",
      "update",
      `update ${schema}.seen_messages set place = new.place, in_doubt = new.in_doubt where id = new.id`,
    ],
    ["messages", "delete", `update ${schema}.seen_messages set gone = true where id = old.id`],
  ];
  return [
    `create table ${schema}.seen_notifications (bot text, body_hash text)`,
    `create table ${schema}.seen_deliveries (id bigint primary key, bot text, mode text)`,
    `create table ${schema}.seen_messages (
      id bigint primary key, delivery_id bigint, place int, in_doubt int, gone boolean, body text, content text
    )`,
    ...copies.flatMap(([table, event, body]) => {
      const name = `see_${table}_${event}`;
      return [
        `create function ${schema}.${name}() returns trigger language plpgsql security definer
          as $$ begin ${body}; return null; end $$`,
        `create trigger ${name} after ${event} on ${schema}.${table} for each row execute function ${schema}.${name}()`,
      ];
    }),
  ];
}
