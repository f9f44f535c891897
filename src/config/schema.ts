// The shape of a config file, key by key: types, defaults and descriptions. Everything else about the file is checked in `check.ts`;
// config.schema.json is generated from here; long because it has every key.

import { z } from "zod";
import { compatPeers } from "../domain/compat-peer.ts";
import { languages, messageKinds } from "../domain/message-kind.ts";
import { groupings } from "../domain/notification.ts";
import { authSection } from "./auth-schema.ts";
import { baseURL, duration, optionalBaseURL, section, size, storage, timezone } from "./fields.ts";

/** A path segment of `/webhook/bot/<name>` and a metric label. */
export const botNamePattern = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,63}$/u;

const botName = z
  .string()
  .regex(botNamePattern, "a bot name is 1 to 64 letters, digits, _, . or -, and starts with a letter or digit");

const path = z.string().min(1, "expected a path, found nothing");

const webhook = section({
  max_body_size: size({ max: "1GB" }).prefault("10MB").describe("Larger request bodies are answered with 413."),
  dedup_window: duration({ min: "0s", max: "1d" })
    .prefault("2m")
    .describe("The same notification again within this time is counted as a duplicate and not told twice. 0s: never."),
});

const outbox = section({
  // Attempts of the last minute are the send window, and rows of the last minutes are how copies are recognised.
  retention: duration({ min: "10m", max: "10y" })
    .prefault("7d")
    .describe("How long told notifications stay on record. At least webhook.dedup_window."),
  max_notifications: z
    .int()
    .min(1, "must be at least 1")
    .default(100_000)
    .describe("With this many waiting, webhooks are answered with 503."),
  max_size: size({ max: "1024TB" }).prefault("1GB").describe("With this much waiting, webhooks are answered with 503."),
});

const wecom = section({
  base_url: baseURL()
    .prefault("https://qyapi.weixin.qq.com")
    .describe("Address of WeCom's API; another one for a private deployment."),
  timeout: duration({ min: "100ms", max: "5m" }).prefault("5s").describe("For one request to WeCom."),
  proxy_url: z
    .string()
    .default("")
    .describe(
      "HTTP proxy for requests to WeCom, http:// or https://. Empty: what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say.",
    ),
  proxy_url_env: path.optional().describe("Environment variable that holds the proxy URL."),
  proxy_url_file: path.optional().describe("File that holds the proxy URL."),
  ca_file: z.string().default("").describe("PEM file of additional certificate authorities. Empty: none."),
});

const bot = section({
  key: z.string().optional().describe("The robot's key, or its whole webhook URL. Better kept out of this file."),
  key_env: path.optional().describe("Environment variable that holds the key or webhook URL."),
  key_file: path.optional().describe("File that holds the key or webhook URL."),
  keys: z
    .array(z.string())
    .min(1, "expected at least one key")
    .optional()
    .describe("Several robots of the same group: their windows add up. Better kept out of this file."),
  keys_file: path.optional().describe("File that holds several keys or webhook URLs, one a line."),
  fallback: z.string().optional().describe("The bot that tells while none of the keys works."),
}).meta({ oneOf: ["key", "key_env", "key_file", "keys", "keys_file"].map((way) => ({ required: [way] })) });

const bots = z
  .record(botName, bot)
  .describe("One entry for each WeCom group, under a name of your choice.")
  .meta({ minProperties: 1 });

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

const rootRoute = section({
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

const person = section({
  userid: z
    .string()
    .regex(/^(?!@*all$)[A-Za-z0-9_.@-]{1,64}$/i, "not a userid")
    .optional()
    .describe("Account in WeCom's directory."),
  mobile: z
    .string("expected text; put the number in quotes")
    .regex(/^\+?\d{5,20}$/, "not a mobile number")
    .optional()
    .describe("Mobile number, in quotes."),
})
  .refine(({ userid, mobile }) => userid !== undefined || mobile !== undefined, "give userid, mobile or both")
  .meta({ anyOf: [{ required: ["userid"] }, { required: ["mobile"] }] });

const people = z
  .record(z.string().min(1, "an empty name"), person.describe("One person."))
  .default({})
  .describe("What names in labels and annotations stand for, for `mention`.");

const digest = section({
  max_messages: z
    .int()
    .min(1, "must be from 1 to 20")
    .max(20, "must be from 1 to 20")
    .default(3)
    .describe("A digest that would take more messages goes into a file."),
  reserve: z
    .int()
    .min(0, "must be from 0 to 19")
    .max(19, "must be from 0 to 19")
    .default(4)
    .describe("Of the 20 messages a minute, kept for urgent alerts."),
});

const pictures = section({
  allow_private: z.boolean().default(false).describe("Whether pictures may come from private addresses."),
  max_size: size({ max: "2MB" }).prefault("1900KB").describe("A larger picture is left out."),
  timeout: duration({ min: "100ms", max: "1m" }).prefault("5s").describe("For one picture."),
});

export const configFile = section({
  timezone: timezone().prefault("Asia/Shanghai").describe("IANA name of the time zone in messages."),
  language: z.enum(languages).default("zh").describe("Language of the built-in templates and of our own words."),
  external_url: optionalBaseURL()
    .prefault("")
    .describe("Address under which readers reach this service. Empty: unknown."),
  storage: storage().prefault("sqlite:data/outbox.db").describe("Where accepted alerts are kept: sqlite:<path>."),
  webhook: webhook.prefault({}).describe("Limits of what senders post."),
  auth: authSection.prefault({}).describe("Who may post and who may read."),
  compat: z.array(z.enum(compatPeers)).default([]).describe("Adapters whose addresses are answered too."),
  allow_inline_keys: z
    .boolean()
    .default(false)
    .describe("Whether such an address may hold the key of a bot in place of its name."),
  outbox: outbox.prefault({}).describe("Limits of what is kept."),
  max_age: duration({ min: "1s", max: "30d" })
    .prefault("6h")
    .describe("An alert that waited longer is told as late, with its delay. Nothing is dropped for its age."),
  shutdown_delay: duration({ min: "0s", max: "10m" })
    .prefault("5s")
    .describe("How long a stopping process still takes webhooks after it says it is not ready."),
  wecom: wecom.prefault({}).describe("The way to WeCom."),
  bots,
  digest: digest.prefault({}).describe("When more waits than may be sent."),
  pictures: pictures.prefault({}).describe("Pictures that alerts name, for `image`."),
  siren_file: z.string().default("").describe("AMR clip for `voice`, at most 2 MB. Empty: none."),
  people,
  templates: z.array(path).default([]).describe("Globs of own template files; they go over the built-in ones."),
  route: rootRoute,
});

export type ConfigFile = z.output<typeof configFile>;
export type RootRoute = ConfigFile["route"];
export type ChildRoute = RootRoute["routes"][number];

/** For editors: the same shape as JSON Schema, as text. */
export function configSchemaText(): string {
  const schema = z.toJSONSchema(configFile, { io: "input", target: "draft-7" });
  return `${JSON.stringify({ ...schema, title: "alertmanager-wecom configuration" }, null, 2)}\n`;
}
