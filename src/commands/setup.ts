import { hash, X509Certificate } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Config } from "../config/config.ts";
import type { ConfigDocument, ConfigPath } from "../config/document.ts";
import { didYouMean, inQuotes } from "../config/in-quotes.ts";
import { KnownSecrets } from "../config/known-secrets.ts";
import { type LoadedConfig, loadConfig } from "../config/load.ts";
import type { Loading, Watched } from "../config/reload.ts";
import { routeSteps } from "../config/routes.ts";
import { fileFailure } from "../domain/file-text.ts";
import { type Issue, issueLine } from "../domain/issue.ts";
import { fontCoverage } from "../graph/font-coverage.ts";
import { isOwnTemplate, loadTemplates } from "../render/load-templates.ts";
import { unknownNames } from "../render/named-people.ts";
import { type LanguageTemplates, missingTemplate, type TemplateSet } from "../render/template/template-set.ts";
import { clipDefect } from "../render/voice.ts";
import type { RouteNode } from "../route/tree.ts";
import type { ServiceSetup } from "../service-parts.ts";
import { isPicture } from "../wecom/picture.ts";

export interface Setup extends ServiceSetup {
  /** See `CheckedConfig`. */
  readonly keyless: boolean;
  readonly warnings: readonly string[];
}

type IssueAt = ConfigDocument["issueAt"];

export type LoadedSetup = Loading<Setup>;

/** For commands whose answer depends on the config. */
export const builtInUsed = "no --config.file: the built-in defaults are used, with one bot, default";

/** For a bot that an operator names; null when there is one of this name. */
export function missingBot({ bots }: Config, name: string): string | null {
  if (bots.has(name)) return null;
  const known = [...bots.keys()];
  return `there is no bot ${inQuotes(name)}${didYouMean(name, known)}; the config has: ${known.join(", ")}`;
}

/** @param configFile null for the built-in defaults */
export function loadSetup(configFile: string | null, env: NodeJS.ProcessEnv): LoadedSetup {
  const checked = loadConfig(configFile, env);
  const watched = watchedOf(checked);
  const name = configFile ?? "(defaults)";
  const lines = (issues: readonly Issue[]) => [...new Set(issues.map((issue) => issueLine(name, issue)))];
  if (checked.kind === "invalid") {
    const own = loadTemplates({ globs: checked.templates, baseDir: process.cwd(), rotations: new Map() });
    // Which rotations there are is not known before the config is valid.
    const inTemplates = own.kind === "invalid" ? own.issues.filter(({ code }) => code !== "unknown_rotation") : [];
    return { kind: "invalid", issues: [...fileLines(inTemplates), ...lines(checked.issues)], watched };
  }

  const { config, keyless, issueAt } = checked;
  const loaded = loadOwnTemplates(config, issueAt);
  const read = readSetupFiles(config, issueAt);
  const issues = [...read.issues, ...proxyIssues(config, env, issueAt), ...loaded.routeIssues];
  const unmatched = emptyPatterns(config, issueAt);
  const all = [...fileLines(loaded.fileIssues), ...lines(issues)];
  // Where no file matches, the templates of routes are missing.
  if (all.length > 0 || loaded.set === null) {
    return { kind: "invalid", issues: [...all, ...lines(unmatched)], watched };
  }

  // Without its secrets: everybody may see the hash, and could try which secret has it.
  const secrets = new KnownSecrets();
  secrets.add(config);
  const text = configFile === null ? "" : readFileSync(configFile, "utf8");
  const setup: Setup = {
    config,
    templates: loaded.set,
    ca: read.ca,
    voiceClip: read.voiceClip,
    keyless,
    configHash: hashOf(secrets.hideIn(text), loaded.set),
    warnings: lines([...checked.warnings, ...unmatched]),
  };
  return { kind: "setup", setup, watched };
}

/** The same for the same config and the same templates, wherever the files are. */
function hashOf(configText: string, { sources }: TemplateSet): string {
  const own = sources.filter(isOwnTemplate).map(({ path, text }) => [basename(path), text]);
  return hash("sha256", JSON.stringify([configText, own]));
}

/** Of issues in files of their own. */
function fileLines(issues: readonly Issue[]): readonly string[] {
  return issues.map((issue) => issueLine(issue.path, issue));
}

interface OwnTemplates {
  /** Null when one of them has an issue. */
  readonly set: TemplateSet | null;
  /** In template files. */
  readonly fileIssues: readonly Issue[];
  /** In the routes that use templates. */
  readonly routeIssues: readonly Issue[];
}

/** With invalid templates, mentions are checked with the built-in ones, so that one issue does not hide another. */
function loadOwnTemplates({ language, templates, route, people, rotations }: Config, issueAt: IssueAt): OwnTemplates {
  const load = (globs: readonly string[]) => loadTemplates({ globs, baseDir: process.cwd(), rotations });
  const own = load(templates);
  const usable = own.kind === "invalid" ? load([]) : own;
  const set = own.kind === "invalid" ? null : own.set;
  // What routes may name is the same in every language.
  const mentions =
    usable.kind === "invalid" ? [] : mentionIssues(route, { templates: usable.set.in[language], people, issueAt });
  return {
    set,
    fileIssues: own.kind === "invalid" ? own.issues : [],
    routeIssues: [
      ...(set === null ? [] : missingTemplates(route, { templates: set.in[language], issueAt })),
      ...mentions,
    ],
  };
}

/** The clip, the picture and the font are read here, the rest when the config is loaded. */
function watchedOf(checked: LoadedConfig): Watched {
  if (checked.kind === "invalid") return { files: checked.files, globs: checked.templates };
  const { voiceFile, pictures, graphs, templates } = checked.config;
  const named = [voiceFile, pictures.file, graphs.fontFile].filter((file) => file !== null);
  return { files: [...checked.files, ...named], globs: templates };
}

/** Files that the config does not name are null. */
function readSetupFiles({ wecom, voiceFile, pictures, graphs }: Config, issueAt: IssueAt) {
  const clip = readNamed(["voice_file"], voiceFile, clipDefect);
  // A certificate that cannot be read would fail every request to WeCom, and nothing else.
  const ca = readNamed(["wecom", "ca_file"], wecom.caFile, caDefect);
  // Without this check, a picture that cannot be shown is noticed only when its alert is delivered.
  const pictureOf = (content: Buffer) => pictureDefect(content, pictures.maxBytes);
  const picture = readNamed(["pictures", "file"], pictures.file, pictureOf);
  const font = readNamed(["graphs", "font_file"], graphs.fontFile, fontDefect);
  const issues = [clip, ca, picture, font].flatMap(({ path, message }) =>
    message === null ? [] : [issueAt({ code: "file_unreadable", path, of: "value", message })],
  );
  return { voiceClip: clip.content, ca: ca.content?.toString("utf8") ?? null, issues };
}

interface NamedFile {
  readonly path: ConfigPath;
  readonly content: Buffer | null;
  /** What is wrong with it; null when nothing is. */
  readonly message: string | null;
}

function readNamed(path: ConfigPath, file: string | null, defectOf: (content: Buffer) => string | null): NamedFile {
  if (file === null) return { path, content: null, message: null };
  try {
    const content = readFileSync(file);
    const defect = defectOf(content);
    return { path, content, message: defect === null ? null : `file ${inQuotes(file)} ${defect}` };
  } catch (cause) {
    return { path, content: null, message: `file ${inQuotes(file)} cannot be read: ${fileFailure(cause)}` };
  }
}

/** Node skips what it cannot read among certificates, and then trusts no server. */
function caDefect(content: Buffer): string | null {
  const certificates =
    content.toString("utf8").match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const certificate of certificates) new X509Certificate(certificate);
    return certificates.length > 0 ? null : "holds no PEM certificate";
  } catch {
    return "holds a certificate that cannot be read";
  }
}

function pictureDefect(content: Buffer, maxBytes: number): string | null {
  if (content.length > maxBytes) return "is larger than pictures.max_size";
  return isPicture(content) ? null : "is neither PNG nor JPEG";
}

/** A graph shows a box for a character that the font lacks, so the list of its characters must be readable. */
function fontDefect(content: Buffer): string | null {
  return fontCoverage(content) === null ? "is not a TTF, OTF or TTC font; use another file" : null;
}

/** Of the variables that the client uses. Their values may hold a password. */
function proxyIssues({ wecom }: Config, env: NodeJS.ProcessEnv, issueAt: IssueAt): readonly Issue[] {
  if (wecom.proxyURL !== null) return [];
  const named = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"].filter((name) => env[name]);
  const invalid = named.filter((name) => !URL.canParse(env[name] ?? ""));
  return invalid.map((name) => {
    const message = `${name} in the environment is not a URL; write it like http://proxy:3128`;
    return badValue(issueAt, [], message);
  });
}

/** Templates that a route names and that do not exist; inherited ones are issues of the parent route. */
function missingTemplates(
  route: RouteNode,
  sources: Pick<MentionCheck, "templates" | "issueAt">,
  parent?: RouteNode,
): readonly Issue[] {
  const { template, messages } = route.settings;
  const inherited = template === parent?.settings.template ? parent.settings.messages : [];
  const own = messages.flatMap((kind) => {
    const message = inherited.includes(kind) ? null : missingTemplate(sources.templates, template, kind);
    return message === null ? [] : [badValue(sources.issueAt, [...routeSteps(route), "template"], message)];
  });
  return [...own, ...route.routes.flatMap((child) => missingTemplates(child, sources, route))];
}

interface MentionCheck {
  readonly templates: LanguageTemplates;
  readonly people: Config["people"];
  readonly issueAt: IssueAt;
}

/** Mentions whose template is invalid, and names that mention nobody. An inherited mention is an issue of the parent route. */
function mentionIssues(route: RouteNode, sources: MentionCheck, parent?: RouteNode): readonly Issue[] {
  const { mention } = route.settings;
  const own = (["users", "mobiles"] as const).flatMap((way) => {
    if (mention[way] === parent?.settings.mention[way]) return [];
    return mention[way].flatMap((text, index) => {
      const message = entryDefect(text, way, sources);
      return message === null
        ? []
        : [badValue(sources.issueAt, [...routeSteps(route), "mention", way, index], message)];
    });
  });
  return [...own, ...route.routes.flatMap((child) => mentionIssues(child, sources, route))];
}

function entryDefect(text: string, way: "users" | "mobiles", { templates, people }: MentionCheck): string | null {
  const compiled = templates.inline(text);
  if (compiled.kind === "invalid") return compiled.issues[0]?.message ?? null;
  const [name] = unknownNames(text, way === "users" ? "user" : "mobile", people);
  if (name === undefined) return null;
  if (/^@*all$/i.test(name)) return "a name does not mention everyone; set all: true";
  const wanted = way === "users" ? "userid" : "mobile number";
  return `${inQuotes(name)} is not a ${wanted} and not in people, so it mentions nobody; add it to people`;
}

/** Globs without a file: with a misspelt folder the built-in templates would stay in use unnoticed. */
function emptyPatterns({ templates }: Config, issueAt: IssueAt): readonly Issue[] {
  const empty = templates.flatMap((glob, index) => (globSync(glob).length > 0 ? [] : [index]));
  return empty.map((index) => badValue(issueAt, ["templates", index], "no template file matches this"));
}

function badValue(issueAt: IssueAt, path: ConfigPath, message: string): Issue {
  return issueAt({ code: "bad_value", path, of: "value", message });
}
