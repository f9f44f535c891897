-- An outbox of schema version 1, left in the middle of its work.

insert into meta values (1);

insert into tellings (id, bot, group_id, form, urgent, notifications, alerts, bytes, retractable, accepted_at, planned_at, settled_at)
values (1, 'ops', 'g1', 'late', 0, 1, 4, 200, 0, 1000, 1100, null);

insert into notifications (id, bot, group_id, dedup_key, urgent, alerts, bytes, accepted_at, telling_id, body)
values
  (1, 'ops', 'g1', 'd1', 0, 4, 200, 1000, 1, '{}'),
  (2, 'ops', 'g2', 'd2', 1, 1, 99, 2000, null, '{"destination":{"bot":"ops","message":"markdown","template":"default","urgent":true,"mention":{"users":[],"on":[]}},"group":{}}');

insert into messages (id, telling_id, bot, part, place, state, tries, repairs, in_doubt, not_before_at, last_reason, settled_at, body)
values
  (1, 1, 'ops', 1, 1, 'sent', 1, 0, 0, 0, null, 1300, '{}'),
  (2, 1, 'ops', 2, 2, 'ready', 1, 0, 1, 0, 'connectionError', null, '{}');

insert into attempts (id, bot, key_id, message_id, started_at, answered_at, outcome)
values
  (1, 'ops', 'key', 1, 1200, 1300, 'sent'),
  (2, 'ops', 'key', 2, 1400, 1500, 'connectionError');

insert into keys values ('key', 0, 'keyDisabled', 9000, 3);

insert into lanes values ('ops', 'old', 7, 99999);
