// What is wrong with a config that only the files it names, its templates and the environment show; each fault with its path in the
// config. Reads files; opens nothing.

import { X509Certificate } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import type { Config } from "../config/config.ts";
import type { ConfigPath } from "../config/document.ts";
import { quote } from "../config/quote.ts";
import { unknownNames } from "../render/mention.ts";
import { missingTemplate, type TemplateSet } from "../render/template-set.ts";
import { clipFault } from "../render/voice.ts";
import type { RouteNode } from "../route/tree.ts";
import { isPicture } from "../wecom/picture.ts";

export interface SetupFault {
  /** Empty: it is not in the config. */
  readonly path: ConfigPath;
  readonly message: string;
}

/** Bytes of the files, null where the config names none. */
export interface SetupFiles {
  readonly voiceClip: Uint8Array | null;
  readonly ca: string | null;
}

export type ReadFiles =
  | { readonly kind: "files"; readonly files: SetupFiles; readonly faults: readonly [] }
  | { readonly kind: "faulty"; readonly faults: readonly SetupFault[] };

export function readSetupFiles({ wecom, sirenFile, pictures }: Config): ReadFiles {
  const voiceClip = readNamed(["siren_file"], sirenFile, clipFault);
  // A certificate that can not be read would fail every request to WeCom, and nothing else.
  const ca = readNamed(["wecom", "ca_file"], wecom.caFile, caFault);
  // A picture that could not be shown would be missed in the night of its alert, and not before.
  const picture = readNamed(["pictures", "file"], pictures.file, (content) => pictureFault(content, pictures.maxBytes));
  const faults = [voiceClip, ca, picture].flatMap(({ fault }) => fault ?? []);
  if (faults.length > 0) return { kind: "faulty", faults };
  return {
    kind: "files",
    files: { voiceClip: voiceClip.content, ca: ca.content?.toString("utf8") ?? null },
    faults: [],
  };
}

interface Named {
  readonly content: Buffer | null;
  readonly fault: SetupFault | null;
}

function readNamed(path: ConfigPath, file: string | null, faultOf: (content: Buffer) => string | null): Named {
  if (file === null) return { content: null, fault: null };
  try {
    const content = readFileSync(file);
    const message = faultOf(content);
    return { content, fault: message === null ? null : { path, message: `file ${quote(file)} ${message}` } };
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
    return { content: null, fault: { path, message: `file ${quote(file)} cannot be read: ${reason}` } };
  }
}

/** Node passes over what it can not read among certificates, and then trusts nobody. */
function caFault(content: Buffer): string | null {
  const certificates =
    content.toString("utf8").match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const certificate of certificates) new X509Certificate(certificate);
    return certificates.length > 0 ? null : "holds no PEM certificate";
  } catch {
    return "holds a certificate that can not be read";
  }
}

function pictureFault(content: Buffer, maxBytes: number): string | null {
  if (content.length > maxBytes) return "is larger than pictures.max_size";
  return isPicture(content) ? null : "is neither PNG nor JPEG";
}

/** Of the variables that the client obeys; their values may hold a password. */
export function proxyFaults(
  { wecom }: Config,
  env: Readonly<Record<string, string | undefined>>,
): readonly SetupFault[] {
  if (wecom.proxyURL !== null) return [];
  const named = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"].filter((name) => env[name]);
  const faulty = named.filter((name) => !URL.canParse(env[name] ?? ""));
  return faulty.map((name) => ({ path: [], message: `${name} in the environment is no URL, like http://proxy:3128` }));
}

/** Templates that a route names but nobody wrote; null for `templates` when they are faulty themselves. */
export function templateFaults(route: RouteNode, templates: TemplateSet | null): readonly SetupFault[] {
  if (templates === null) return [];
  const { template, messages } = route.settings;
  const missing = messages.flatMap((kind) => missingTemplate(templates, template, kind) ?? []);
  const own = missing.map((message) => ({ path: [...pathOf(route), "template"], message }));
  return [...own, ...route.routes.flatMap((child) => templateFaults(child, templates))];
}

interface MentionSources {
  readonly templates: TemplateSet;
  readonly people: Config["people"];
}

/** Entries of mentions that are no templates, and names that would ring nobody. What a route inherits is told of its parent. */
export function mentionFaults(route: RouteNode, sources: MentionSources, parent?: RouteNode): readonly SetupFault[] {
  const { mention } = route.settings;
  const own = (["users", "mobiles"] as const).flatMap((way) => {
    if (mention[way] === parent?.settings.mention[way]) return [];
    return mention[way].flatMap((text, index) => {
      const message = entryFault(text, way, sources);
      return message === null ? [] : [{ path: [...pathOf(route), "mention", way, index], message }];
    });
  });
  return [...own, ...route.routes.flatMap((child) => mentionFaults(child, sources, route))];
}

function entryFault(text: string, way: "users" | "mobiles", { templates, people }: MentionSources): string | null {
  const compiled = templates.inline(text);
  if (compiled.kind === "faulty") return compiled.issue.message;
  const [name] = unknownNames(text, way === "users" ? "user" : "mobile", people);
  return name === undefined ? null : ringsNobody(name, way);
}

function ringsNobody(name: string, way: "users" | "mobiles"): string {
  if (/^@*all$/i.test(name)) return "everyone is rung by all: true, not by a name";
  return `${quote(name)} is no ${way === "users" ? "userid" : "mobile number"} and not in people: it would ring nobody`;
}

/** Patterns without a file: a misspelt folder would leave the built-in templates in use without a word. */
export function emptyPatterns({ templates }: Config): readonly SetupFault[] {
  return templates.flatMap((glob, index) =>
    globSync(glob).length > 0 ? [] : [{ path: ["templates", index], message: "no template file matches this" }],
  );
}

/** `route.routes[1]` as steps. */
function pathOf({ path }: RouteNode): ConfigPath {
  const steps = path.split(/[.[\]]+/).filter((step) => step !== "");
  return steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}
