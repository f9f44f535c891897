// A robot's key in any form users paste it: bare, as `wecombot://<key>` (apprise) or `wecom://<key>` (shoutrrr), or as the whole
// webhook URL. Refuses what cannot work, in words that never repeat the text.

export type RobotKey =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "faulty"; readonly message: string };

/** Real keys are UUIDs; a private deployment or a simulator may hand out others. */
const keyPattern = /^[A-Za-z0-9_-]{1,128}$/;

const sendPath = "/cgi-bin/webhook/send";

/** `baseURL` null: it is faulty itself, so the origin of a whole URL is not compared. */
export function readRobotKey(text: string, baseURL: string | null): RobotKey {
  const trimmed = text.trim();
  if (trimmed === "") return faulty("the key is empty");
  if (/^https?:\/\//i.test(trimmed)) return readWebhookURL(trimmed, baseURL);
  return readBareKey(trimmed.replace(/^wecom(?:bot)?:\/\/([^/?]*)\/?$/i, "$1"));
}

function readBareKey(text: string): RobotKey {
  if (keyPattern.test(text)) return { kind: "key", key: text };
  const form = "give the bare key or the whole webhook URL";
  if (/\s/.test(text)) return faulty(`the key has white space in it; ${form}`);
  return faulty(`the key has characters that no key has, or is too long; ${form}`);
}

function readWebhookURL(text: string, baseURL: string | null): RobotKey {
  if (!URL.canParse(text)) return faulty("the webhook URL cannot be read");
  const url = new URL(text);
  if (baseURL !== null && url.origin !== new URL(baseURL).origin) return faulty(otherOrigin(url, baseURL));
  if (!url.pathname.endsWith(sendPath)) return faulty(`the webhook URL does not end in ${sendPath}?key=…`);
  if (url.searchParams.has("debug")) {
    return faulty("the webhook URL has debug in it, with which WeCom allows only 5 calls a minute; remove it");
  }
  const keys = url.searchParams.getAll("key");
  if (keys.length !== 1) return faulty("the webhook URL must have key= exactly once");
  return readBareKey(keys[0] ?? "");
}

function otherOrigin(url: URL, baseURL: string): string {
  return (
    `the webhook URL belongs to ${url.origin}, but wecom.base_url is ${baseURL}; ` +
    "set wecom.base_url to the address of your WeCom"
  );
}

function faulty(message: string): RobotKey {
  return { kind: "faulty", message };
}
