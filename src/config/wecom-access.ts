// What stands between us and WeCom besides its address: the proxy, whose URL may hold credentials, and a private authority's certificates.

import type { ConfigPath } from "./document.ts";
import { quote } from "./quote.ts";
import { Secret } from "./secret.ts";
import { readSecret, type SecretSources, type SecretText } from "./secret-source.ts";
import { type Finding, mappingOf, valueAt } from "./shape-issues.ts";

interface ReadProxy {
  readonly proxyURL: Secret | null;
  readonly findings: readonly Finding[];
}

/** At most one of proxy_url, proxy_url_env and proxy_url_file; an empty proxy_url is none. */
export function readProxy(value: unknown, sources: SecretSources): ReadProxy {
  const wecom = mappingOf(valueAt(value, ["wecom"])) ?? {};
  const names = ["proxy_url", "proxy_url_env", "proxy_url_file"];
  const given = names.filter((name) => Object.hasOwn(wecom, name) && wecom[name] !== "");
  const [name] = given;
  const written = name === undefined ? undefined : wecom[name];
  if (name === undefined || typeof written !== "string") return { proxyURL: null, findings: [] };
  const path = ["wecom", name];
  if (given.length > 1) return faultyProxy(path, `give only one of ${given.join(" and ")}`);
  const text = readSecret(name, written, sources);
  if (text.kind === "unreadable") {
    return { proxyURL: null, findings: [{ code: "secret_unreadable", path, of: "value", message: text.message }] };
  }
  const url = text.text.trim();
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return faultyProxy(path, "expected an http:// or https:// URL");
  return { proxyURL: new Secret(url), findings: [] };
}

function faultyProxy(path: ConfigPath, message: string): ReadProxy {
  return { proxyURL: null, findings: [{ code: "bad_value", path, of: "value", message }] };
}

/** The file is only looked at here; the client reads it. */
export function caFindings(value: unknown, sources: SecretSources): readonly Finding[] {
  const path = ["wecom", "ca_file"];
  const file = valueAt(value, path);
  if (typeof file !== "string" || file === "") return [];
  const fault = caFault(sources.file(file));
  if (fault === null) return [];
  return [{ code: "file_unreadable", path, of: "value", message: `file ${quote(file)} ${fault}` }];
}

function caFault(read: SecretText): string | null {
  if (read.kind === "unreadable") return `cannot be read: ${read.message}`;
  return read.text.includes("-----BEGIN CERTIFICATE-----") ? null : "holds no PEM certificate";
}
