-- Schema version 1 as it was released, from sqlite_master. Never edited: what it describes lies on the disks of users.

CREATE TABLE meta (schema_version integer not null);

CREATE TABLE notifications (
  id integer primary key autoincrement,
  bot text not null,
  group_id text not null,
  dedup_key text not null,
  urgent integer not null,
  alerts integer not null,
  bytes integer not null,
  accepted_at bigint not null,
  telling_id bigint,
  body text not null
);

CREATE INDEX notifications_dedup on notifications (dedup_key, accepted_at);

CREATE INDEX notifications_pending on notifications (bot, urgent, id, group_id, accepted_at, alerts, bytes)
  where telling_id is null;

CREATE INDEX notifications_planned on notifications (telling_id) where telling_id is not null;

CREATE TABLE tellings (
  id integer primary key autoincrement,
  bot text not null,
  group_id text not null,
  form text not null,
  urgent integer not null,
  notifications integer not null,
  alerts integer not null,
  bytes bigint not null,
  retractable integer not null,
  accepted_at bigint not null,
  planned_at bigint not null,
  settled_at bigint
);

CREATE INDEX tellings_open on tellings (bot) where settled_at is null;

CREATE INDEX tellings_settled on tellings (settled_at) where settled_at is not null;

CREATE TABLE messages (
  id integer primary key autoincrement,
  telling_id bigint not null,
  bot text not null,
  part integer not null,
  place integer not null,
  state text not null,
  tries integer not null,
  repairs integer not null,
  in_doubt integer not null,
  not_before_at bigint not null,
  last_reason text,
  settled_at bigint,
  body text not null
);

CREATE INDEX messages_of_telling on messages (telling_id, place);

CREATE INDEX messages_open on messages (bot, telling_id, place) where settled_at is null;

CREATE TABLE attempts (
  id integer primary key autoincrement,
  bot text not null,
  key_id text not null,
  message_id bigint not null,
  started_at bigint not null,
  answered_at bigint,
  outcome text
);

CREATE INDEX attempts_of_key on attempts (key_id, answered_at);

CREATE INDEX attempts_open on attempts (bot) where answered_at is null;

CREATE INDEX attempts_started on attempts (started_at);

CREATE TABLE keys (
  key_id text not null primary key,
  hold_until_at bigint not null,
  off_reason text,
  probe_at bigint not null,
  failures integer not null
);

CREATE TABLE lanes (
  bot text not null primary key,
  owner text,
  token bigint not null,
  until_at bigint not null
);
