// The least work that makes an accepted webhook durable: parse, store the raw body together with others that arrived meanwhile in one
// commit with fsync, then answer. argv: port, database file.

import { DatabaseSync } from "node:sqlite";
import express, { type Response } from "express";

const database = new DatabaseSync(process.argv[3] ?? "");
database.exec("pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full");
database.exec("create table bodies (id integer primary key, accepted_at integer, body text)");
const insert = database.prepare("insert into bodies (accepted_at, body) values (?, ?)");
const begin = database.prepare("begin immediate");
const commit = database.prepare("commit");

let waiting: { readonly text: string; readonly response: Response }[] = [];

function flush(): void {
  const batch = waiting;
  waiting = [];
  begin.run();
  for (const { text } of batch) insert.run(Date.now(), text);
  commit.run();
  for (const { response } of batch) response.json({ status: "accepted" });
}

const app = express().disable("x-powered-by").disable("etag");
app.post("/webhook", express.raw({ type: () => true, limit: "10mb" }), (request, response) => {
  const text = (request.body as Buffer).toString("utf8");
  JSON.parse(text);
  if (waiting.length === 0) setImmediate(flush);
  waiting.push({ text, response });
});
app.listen(Number(process.argv[2]), "127.0.0.1", () => process.stdout.write("listening\n"));
