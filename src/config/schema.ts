// The shape of a config file, key by key: types, defaults and descriptions. Everything else about the file is checked in `check.ts`;
// config.schema.json is generated from here; long because it has every key.

import * as z from "zod";
import { compatPeers } from "../domain/compat-peer.ts";
import { languages } from "../domain/message-kind.ts";
import { authSection } from "./auth-schema.ts";
import { baseURL, duration, optionalBaseURL, section, size, storage, timezone } from "./fields.ts";
import { rootRoute } from "./route-schema.ts";

/** A path segment of `/webhook/bot/<name>` and a metric label. */
const botNamePattern = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,63}$/u;

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

const postgres = section({
  password_env: path.optional().describe("Environment variable that holds the password."),
  password_file: path.optional().describe("File that holds the password."),
  ca_file: z.string().default("").describe("PEM file of the authority of the server's certificate. Empty: Node's own."),
  pool_size: z
    .int()
    .min(2, "must be at least 2")
    .max(100, "must be at most 100")
    .default(10)
    .describe("Connections of one replica, besides the one that listens."),
  statement_timeout: duration({ min: "100ms", max: "1m" })
    .prefault("5s")
    .describe("For one statement. A webhook whose storing takes longer is answered with 503."),
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
  file: z.string().default("").describe("PNG or JPEG for `image` when the alerts name no picture. Empty: none."),
});

export const configFile = section({
  timezone: timezone().prefault("Asia/Shanghai").describe("IANA name of the time zone in messages."),
  language: z.enum(languages).default("zh").describe("Language of the built-in templates and of our own words."),
  external_url: optionalBaseURL()
    .prefault("")
    .describe("Address under which readers reach this service. Empty: unknown."),
  storage: storage()
    .prefault("sqlite:data/outbox.db")
    .describe(
      "Where accepted alerts are kept: sqlite:<path>, or postgres://<user>@<host>/<database> for several replicas.",
    ),
  postgres: postgres.prefault({}).describe("How to use the PostgreSQL server that storage names."),
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
