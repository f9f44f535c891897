// What the fixtures of test/fixtures/config may look up: variables and files with made-up secrets.

import type { SecretSources } from "../../../src/config/secret-fields.ts";

const env: Readonly<Record<string, string>> = {
  OPS_KEY: "11111111-aaaa-4bbb-8ccc-00000000000a",
  URL_KEY: " https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=11111111-aaaa-4bbb-8ccc-00000000000b\n",
  PROXY_URL: "http://user:a-password@proxy:3128",
  HOOK_CREDENTIALS: "secret-looking credentials\n",
  ADMIN_HASH: "$2b$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze",
  EMPTY: " ",
};

const files: Readonly<Record<string, string>> = {
  "/run/secrets/dba-key": "11111111-aaaa-4bbb-8ccc-00000000000c\n",
  "/run/secrets/hook-token": "secret-looking-token\n",
  "/run/secrets/dba-keys":
    "# two robots of the group\n11111111-aaaa-4bbb-8ccc-000000000011\n\nwecombot://11111111-aaaa-4bbb-8ccc-000000000012\r\n",
  "/run/secrets/link-secrets": "secret-looking-new-one\nsecret-looking-old-one\n",
  "/run/secrets/three-lines": "secret-looking-one-of-three\nsecret-looking-two-of-three\nsecret-looking-three\n",
  "/run/secrets/blank": "\n",
  "ca.pem": "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n",
  "not-a-ca.pem": "hello",
};

export const sources: SecretSources = {
  env: (name) => env[name],
  file: (path) => {
    const text = files[path];
    return text === undefined ? { kind: "unreadable", message: "ENOENT" } : { kind: "text", text };
  },
};

/** No message may hold any of these: the keys above and in the fixtures share their middle, the passwords their text. */
export const secretTraces = /aaaa-4bbb|a-password|secret-looking/;
