// Who logged in on the console, for everything that asks.

import type { Config, Credential } from "./config/config.ts";
import { Secret } from "./config/secret.ts";
import type { WebConfig } from "./config/web-config.ts";
import { createSessions, type Sessions } from "./receive/session.ts";

export function consoleSessions(config: Config, web: WebConfig): Sessions {
  return createSessions(Secret.derive(secretsOf(config, web), "console session"));
}

/** Known to all replicas and to no reader. Knowing one of these secrets is not enough to sign a session. */
function secretsOf({ auth, bots }: Config, { users }: WebConfig): readonly Secret[] {
  const keys = [...bots.values()].flatMap((bot) => bot.keys);
  return [...[...auth.admin, ...auth.viewer, ...users].map(secretIn), ...keys];
}

function secretIn(credential: Credential): Secret {
  switch (credential.kind) {
    case "authorization":
      return credential.credentials;
    case "header":
    case "query":
      return credential.value;
    case "basic":
      return credential.passwordHash;
    case "hmac":
      return credential.secret;
  }
}
