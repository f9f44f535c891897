// What requests of ours to a configured server are authenticated with: `bearer` or `basic` in the config.

import { mappingOf, type PlacedMessage } from "./document.ts";
import { bad, type Parsed, userName } from "./fields.ts";
import { Secret } from "./secret.ts";
import { type SecretSources, withSecret } from "./secret-fields.ts";

export type OutgoingCredential =
  | { readonly kind: "bearer"; readonly token: Secret }
  | { readonly kind: "basic"; readonly username: string; readonly password: Secret };

/** The keys of a section that sends requests. At most one may be given: see `credentialIssues`. */
export function credentialFields(sources: SecretSources) {
  return {
    bearer: withSecret({ sources, parse: readToken }, { name: "token", what: "The token", others: {} })
      .transform(({ secret }): OutgoingCredential => ({ kind: "bearer", token: secret }))
      .optional()
      .describe("Sent as `Authorization: Bearer <token>`."),
    basic: withSecret(
      { sources, parse: readPassword },
      { name: "password", what: "The password", others: { username: userName.describe("User name.") } },
    )
      .transform(({ username, secret }): OutgoingCredential => ({ kind: "basic", username, password: secret }))
      .optional()
      .describe("Sent as `Authorization: Basic …`."),
  };
}

/** Of a section with `credentialFields`, as far as it could be parsed. */
export function credentialIssues(section: unknown): readonly PlacedMessage[] {
  const given = mappingOf(section);
  if (given?.bearer === undefined || given.basic === undefined) return [];
  return [{ code: "bad_value", path: ["basic"], of: "key", message: "give only one of bearer and basic" }];
}

/** The value of the header. It is a secret: for a client, just before it sends. */
export function authorizationHeader(credential: OutgoingCredential): string {
  if (credential.kind === "bearer") return `Bearer ${credential.token.reveal()}`;
  const pair = `${credential.username}:${credential.password.reveal()}`;
  return `Basic ${Buffer.from(pair, "utf8").toString("base64")}`;
}

/** The messages never repeat the text. */
function readToken(text: string): Parsed<Secret> {
  const token = readPassword(text);
  if ("value" in token && !/^[\x21-\x7e]+$/u.test(text)) {
    return bad("a token has only printable ASCII characters, no blanks; copy it again");
  }
  return token;
}

function readPassword(text: string): Parsed<Secret> {
  if (/^\$\{?\w+\}?$/u.test(text)) return bad("a placeholder, not a secret");
  return text.trim() === "" ? bad("the secret is empty; give one") : { value: new Secret(text) };
}
