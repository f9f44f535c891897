// The shape of the routing tree in a config file: what a route may say, and what the root has by default.

import * as z from "zod";
import { messageKinds } from "../domain/message-kind.ts";
import { groupings } from "../domain/notification.ts";
import { duration, section } from "./fields.ts";

const botNames = z
  .union(
    [z.string(), z.array(z.string()).min(1, "expected at least one bot name")],
    "expected a bot name or a list of them",
  )
  .describe("Name of the bot that tells, or a list of names.");

const matchers = z
  .union([z.string(), z.array(z.string())], "expected a matcher or a list of them")
  .describe("All must match. Written as in Alertmanager.");

const kind = z.enum(messageKinds);

const message = z
  .union([kind, z.array(kind).min(1, "expected at least one kind")], "expected a kind of message or a list of them")
  .describe("Form of the message, or a list of them that are told in order.");

const template = z
  .string()
  .regex(/^[a-z0-9_-]+$/, "a template name is made of a-z, 0-9, _ and -")
  .describe("Name of the template set.");

const urgent = z.boolean().describe("Urgent alerts are told first.");

const sendResolved = z.boolean().describe("Whether recoveries are told.");

const users = z
  .array(z.string().min(1, "an empty entry"))
  .describe("WeCom user ids to mention; each entry is a template.");

const mobiles = z
  .array(z.string().min(1, "an empty entry"))
  .describe("Mobile numbers to mention; each entry is a template.");

const all = z.boolean().describe("Mentions everyone in the group.");

const on = z.array(z.enum(["firing", "resolved"])).describe("States of the group on which to mention.");

const repeats = z.boolean().describe("Whether reminders mention too.");

const mention = section({
  users: users.optional(),
  mobiles: mobiles.optional(),
  all: all.optional(),
  on: on.optional(),
  repeats: repeats.optional(),
}).describe("Whom to mention, and when.");

const group = z
  .enum(groupings)
  .describe(
    "as_sent: one message for each group of the sender; per_alert: one for each alert; merge: groups of one bot together.",
  );

const wait = duration({ min: "1s", max: "1h" }).describe("How long merge waits for more.");

const childRoute = section({
  matchers: matchers.optional(),
  bot: botNames.optional(),
  message: message.optional(),
  template: template.optional(),
  urgent: urgent.optional(),
  send_resolved: sendResolved.optional(),
  mention: mention.optional(),
  group: group.optional(),
  wait: wait.optional(),
  continue: z.boolean().default(false).describe("Whether the routes after this one are tried too."),
  get routes(): z.ZodDefault<z.ZodArray<typeof childRoute>> {
    return z.array(childRoute).default([]).describe("Tried in order; what they do not say they inherit.");
  },
}).meta({ id: "route" });

export const rootRoute = section({
  bot: botNames,
  message: message.default("markdown"),
  template: template.default("default"),
  urgent: urgent.default(false),
  send_resolved: sendResolved.default(true),
  mention: section({
    users: users.default([]),
    mobiles: mobiles.default([]),
    all: all.default(false),
    on: on.default(["firing"]),
    repeats: repeats.default(false),
  })
    .describe("Whom to mention, and when.")
    .prefault({}),
  group: group.default("as_sent"),
  wait: wait.prefault("30s"),
  routes: z.array(childRoute).default([]).describe("Tried in order; what they do not say they inherit."),
}).describe("The root of the routing tree: it takes every alert.");
