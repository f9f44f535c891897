// The shape of `auth` in a config file. That an entry has exactly one kind, and a secret exactly one place, is checked in `auth.ts`.

import * as z from "zod";
import { duration, section } from "./fields.ts";

const text = z.string().min(1, "expected text, found nothing");

/** RFC 9110, 5.6.2: what a header or a scheme may be called. */
const token = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "not a name that HTTP allows");

/** `token`, `token_env` and `token_file`. */
function secretFields<Name extends string>(name: Name, what: string) {
  const fields = {
    [name]: z.string().optional().describe(`${what}. Better kept out of this file.`),
    [`${name}_env`]: text.optional().describe("Environment variable that holds it."),
    [`${name}_file`]: text.optional().describe("File that holds it."),
  };
  return fields as Record<Name | `${Name}_env` | `${Name}_file`, z.ZodOptional<z.ZodString>>;
}

const hmac = section({
  ...secretFields("secret", "The secret shared with Grafana"),
  header: token.default("X-Grafana-Alerting-Signature").describe("Header that holds the signature."),
  timestamp_header: z
    .union([token, z.literal("")], "not a name that HTTP allows")
    .default("")
    .describe("Header that holds the signed time; the same name as in Grafana. Empty: the time is not signed."),
  max_age: duration({ min: "1s", max: "1d" })
    .prefault("5m")
    .describe("How far the signed time may lie from this machine's."),
});

const entry = section({
  bearer: section(secretFields("token", "The token")).optional().describe("`Authorization: Bearer <token>`."),
  authorization: section({
    scheme: token.describe("The word before the credentials."),
    ...secretFields("credentials", "What follows the scheme"),
  })
    .optional()
    .describe("`Authorization: <scheme> <credentials>`."),
  basic: section({
    username: text.regex(/^[^:]*$/, "a user name has no colon in it").describe("User name."),
    ...secretFields("password_hash", "bcrypt hash of the password"),
  })
    .optional()
    .describe("`Authorization: Basic …`."),
  hmac: hmac.optional().describe("Grafana's signature of the body."),
  header: section({ name: token.describe("Name of the header."), ...secretFields("value", "The token") })
    .optional()
    .describe("A token in a header of your choice."),
  query: section({ name: text.describe("Name of the parameter."), ...secretFields("value", "The token") })
    .optional()
    .describe("A token in the address. Discouraged: addresses are logged."),
}).meta({ id: "credential" });

const entries = z.array(entry);

export const authSection = section({
  webhook: entries.default([]).describe("Who may post; any entry that is satisfied will do. Empty: anyone."),
  bots: z
    .record(z.string(), entries.min(1, "expected at least one entry").describe("Who may post to this bot."))
    .default({})
    .describe("By bot, for /webhook/bot/<name>, in place of `webhook`."),
  admin: entries.default([]).describe("Who may read metrics and pages, and reload. Empty: anyone."),
});

export type AuthEntry = z.output<typeof entry>;
