import * as z from "zod";
import { compatPeers } from "../domain/intake.ts";
import { languages } from "../domain/message-kind.ts";
import type { Person } from "../domain/notification.ts";
import { alertmanagersField, buildAlertmanagers } from "./alertmanagers.ts";
import { authSection, unknownAuthBots } from "./auth.ts";
import { botsSection, buildBots, originIssues, wecomURL } from "./bots.ts";
import type { Config } from "./config.ts";
import { buildDatasources, buildGraphs, datasourcesField, graphsSection, hasDatasource } from "./datasources.ts";
import { buildSeverities, displayPurpose, displaySection, severitiesField } from "./display.ts";
import { mappingOf, type PlacedMessage, valueAtPath } from "./document.ts";
import {
  bad,
  baseURL,
  duration,
  filledText,
  optionalBaseURL,
  optionalPath,
  optionalText,
  type Parsed,
  section,
  size,
  timezone,
  withCheck,
} from "./fields.ts";
import { buildLinks, buildSilence, linkIssues, linksSection, silenceSection } from "./links.ts";
import { buildRotations, onCallField, unknownOnCall } from "./on-call.ts";
import { buildRoutes, rootRoute, routeIssues } from "./routes.ts";
import { Secret } from "./secret.ts";
import { certificatesField, fileField, noSecrets, type SecretSources, variableField } from "./secret-fields.ts";
import { buildStorage, postgresSection, storageField, storageIssues } from "./storage.ts";

const webhookSection = section({
  max_body_size: size({ max: "1GB" }).prefault("10MB").describe("Larger request bodies are answered with 413."),
  dedup_window: duration({ min: "0s", max: "1d" })
    .prefault("2m")
    .describe("The same notification within this time is counted as a duplicate and not sent again. 0s: never."),
});

const outboxSection = section({
  // Attempts of the last minute are the send window, and duplicates are recognised by the rows of the last minutes.
  retention: duration({ min: "10m", max: "10y" })
    .prefault("7d")
    .describe("How long delivered notifications stay on record. At least webhook.dedup_window."),
  max_notifications: z
    .int()
    .min(1, "must be at least 1")
    .default(100_000)
    .describe("When so many notifications wait, webhooks are answered with 503."),
  max_size: size({ max: "1024TB" })
    .prefault("1GB")
    .describe("When waiting notifications take so much, webhooks are answered with 503."),
  max_disk: size({ max: "1024TB" })
    .prefault("4GB")
    .describe("When the outbox takes more on disk, the oldest delivered notifications are deleted before their time."),
});

const proxyFields = ["proxy_url", "proxy_url_env", "proxy_url_file"] as const;

function wecomSection(sources: SecretSources) {
  const proxy = { sources, parse: readProxy };
  const wecom = section({
    base_url: baseURL.prefault(wecomURL).describe("Address of WeCom's API; another one for a private deployment."),
    timeout: duration({ min: "100ms", max: "5m" }).prefault("5s").describe("For one request to WeCom."),
    proxy_url: optionalText(readProxy)
      .prefault("")
      .describe(
        "HTTP proxy for requests to WeCom, http:// or https://. Empty: HTTPS_PROXY, HTTP_PROXY and NO_PROXY decide.",
      ),
    proxy_url_env: variableField(proxy).optional().describe("Environment variable that holds the proxy URL."),
    proxy_url_file: fileField(proxy).optional().describe("File that holds the proxy URL."),
    ca_file: certificatesField(sources)
      .prefault("")
      .describe("PEM file of additional certificate authorities. Empty: none."),
  });
  return withCheck(wecom, (value) => {
    const given = proxyFields.filter((name) => (valueAtPath(value, [name]) ?? null) !== null);
    const [first] = given;
    if (first === undefined || given.length === 1) return [];
    return [{ code: "bad_value", path: [first], of: "value", message: `give only one of ${given.join(" and ")}` }];
  });
}

/** A secret because it may hold a password. */
function readProxy(text: string): Parsed<Secret> {
  const url = text.trim();
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return bad("expected an http:// or https:// URL");
  return { value: new Secret(url) };
}

const person = section({
  userid: z
    .string()
    .regex(/^(?!@*all$)[A-Za-z0-9_.@-]{1,64}$/i, "not a userid; give the account name in WeCom's directory")
    .optional()
    .describe("Account in WeCom's directory."),
  mobile: z
    .string()
    .regex(/^\+?\d{5,20}$/, "not a mobile number; give its digits, with or without +")
    .optional()
    .describe("Mobile number, in quotes."),
})
  .refine(({ userid, mobile }) => userid !== undefined || mobile !== undefined, "give userid, mobile or both")
  .meta({ anyOf: [{ required: ["userid"] }, { required: ["mobile"] }] })
  .transform(({ userid = null, mobile = null }): Person => ({ userid, mobile }));

const peopleField = z
  .record(z.string().min(1, "an empty name"), person.describe("One person."))
  .prefault({})
  .describe("WeCom accounts of the names in labels and annotations, for `mention`.");

const digestSection = section({
  max_messages: z
    .int()
    .min(1, "must be from 1 to 20")
    .max(20, "must be from 1 to 20")
    .default(3)
    .describe("A digest that needs more messages becomes one message and a file."),
  reserve: z
    .int()
    .min(0, "must be from 0 to 19")
    .max(19, "must be from 0 to 19")
    .default(4)
    .describe("Of the 20 messages a minute, how many are reserved for urgent alerts."),
});

const picturesSection = section({
  allow_private: z.boolean().default(false).describe("Whether pictures may come from private addresses."),
  max_size: size({ max: "2MB" }).prefault("1900KB").describe("Larger pictures are left out."),
  timeout: duration({ min: "100ms", max: "1m" }).prefault("5s").describe("For one picture."),
  file: optionalPath.prefault("").describe("PNG or JPEG for `image` when the alerts name no picture. Empty: none."),
});

function fileSection(sources: SecretSources) {
  return section({
    timezone: timezone
      .prefault("Asia/Shanghai")
      .describe(
        "IANA name of the time zone of times in messages, and of times that a sender writes without an offset.",
      ),
    language: z.enum(languages).default("zh").describe("Language of the built-in templates and of our own texts."),
    display: displaySection.prefault({}).describe(displayPurpose),
    severities: severitiesField,
    external_url: optionalBaseURL.prefault("").describe("Address at which readers reach this service. Empty: unknown."),
    links: linksSection(sources).optional().describe("Messages lead to a page of their alerts, for phones."),
    alertmanagers: alertmanagersField(sources),
    silence: silenceSection.prefault({}).describe("What readers can silence on that page."),
    storage: storageField
      .prefault("sqlite:data/outbox.db")
      .describe(
        "Where accepted alerts are kept: sqlite:<path>, or postgres://<user>@<host>/<database> for several replicas.",
      ),
    postgres: postgresSection(sources).optional().describe("Settings of the PostgreSQL server that storage names."),
    webhook: webhookSection.prefault({}).describe("Limits of what senders post."),
    auth: authSection(sources).prefault({}).describe("Which credentials are needed to post and to read."),
    compat: z
      .array(z.enum(compatPeers))
      .default([])
      .describe("Other adapters whose addresses this service answers too."),
    allow_inline_keys: z
      .boolean()
      .default(false)
      .describe("Whether such an address may hold the key of a bot in place of its name."),
    outbox: outboxSection.prefault({}).describe("Limits of what is kept."),
    max_age: duration({ min: "1s", max: "30d" })
      .prefault("6h")
      .describe("An alert that waited longer is marked as late, with its delay. No alert is dropped for its age."),
    shutdown_delay: duration({ min: "0s", max: "10m" })
      .prefault("5s")
      .describe("How long a stopping process still accepts webhooks after it reports that it is not ready."),
    wecom: wecomSection(sources).prefault({}).describe("Connection to WeCom."),
    bots: botsSection(sources),
    digest: digestSection
      .prefault({})
      .describe("Digests: what is sent when more alerts wait than WeCom accepts messages."),
    pictures: picturesSection.prefault({}).describe("Pictures that alerts name, for `image`."),
    datasources: datasourcesField(sources),
    graphs: graphsSection.prefault({}).describe("Graphs that follow the text of alerts whose datasource is known."),
    voice_file: optionalPath.prefault("").describe("AMR clip for `voice`, at most 2 MB. Empty: none."),
    people: peopleField,
    oncall: onCallField,
    templates: z
      .array(filledText("a path"))
      .default([])
      .describe("Globs of your own template files. They replace built-in templates of the same name."),
    route: rootRoute,
  }).meta({ patternProperties: { "^x-": {} } });
}

/** Parses a whole config in one pass. Secrets are looked up in `sources`. */
export function configSchema(sources: SecretSources) {
  return withCheck(fileSection(sources), issuesBetweenSections).transform((file): Config => buildConfig(file, sources));
}

type ConfigFile = z.output<ReturnType<typeof fileSection>>;

function buildConfig(file: ConfigFile, sources: SecretSources): Config {
  const { webhook, outbox, wecom, digest, pictures } = file;
  return {
    timezone: file.timezone,
    language: file.language,
    severities: buildSeverities(file.severities),
    externalURL: file.external_url,
    links: buildLinks(file.links),
    alertmanagers: buildAlertmanagers(file.alertmanagers),
    silence: buildSilence(file.silence),
    storage: buildStorage(file.storage, file.postgres ?? postgresSection(sources).parse({})),
    webhook: { maxBodyBytes: webhook.max_body_size, dedupWindowMs: webhook.dedup_window },
    auth: { ...file.auth, bots: new Map(Object.entries(file.auth.bots)) },
    compat: { peers: file.compat, allowInlineKeys: file.allow_inline_keys },
    outbox: {
      retentionMs: outbox.retention,
      maxNotifications: outbox.max_notifications,
      maxBytes: outbox.max_size,
      maxDiskBytes: outbox.max_disk,
    },
    deliver: { maxAgeMs: file.max_age },
    digest: { maxMessages: digest.max_messages, reserve: digest.reserve },
    pictures: {
      allowPrivate: pictures.allow_private,
      maxBytes: pictures.max_size,
      timeoutMs: pictures.timeout,
      file: pictures.file,
    },
    datasources: buildDatasources(file.datasources),
    graphs: buildGraphs(file.graphs),
    voiceFile: file.voice_file,
    people: new Map(Object.entries(file.people)),
    rotations: buildRotations(file.oncall, file.timezone),
    shutdownDelayMs: file.shutdown_delay,
    wecom: {
      baseURL: wecom.base_url,
      timeoutMs: wecom.timeout,
      proxyURL: wecom.proxy_url ?? wecom.proxy_url_env ?? wecom.proxy_url_file ?? null,
      proxyFromEnvironment: true,
      caFile: wecom.ca_file?.path ?? null,
    },
    bots: buildBots(file.bots),
    templates: file.templates,
    route: buildRoutes(file.route, { ...file, hasGraphs: file.graphs.enabled && hasDatasource(file) }),
  };
}

/** Rules that hold between sections; of a section with issues, what could be parsed counts. */
function issuesBetweenSections(file: unknown): readonly PlacedMessage[] {
  const bots = mappingOf(valueAtPath(file, ["bots"]));
  const botNames = bots === null ? null : Object.keys(bots);
  return [
    ...originIssues(bots, valueAtPath(file, ["wecom", "base_url"])),
    ...linkIssues(valueAtPath(file, ["links"]), valueAtPath(file, ["external_url"])),
    ...unknownAuthBots(valueAtPath(file, ["auth"]), botNames),
    ...storageIssues(valueAtPath(file, ["storage"]), valueAtPath(file, ["postgres"])),
    ...unknownOnCall(valueAtPath(file, ["oncall"]), valueAtPath(file, ["people"])),
    ...routeIssues(file, botNames),
    ...retentionIssues(valueAtPath(file, ["outbox", "retention"]), valueAtPath(file, ["webhook", "dedup_window"])),
  ];
}

function retentionIssues(retentionMs: unknown, dedupWindowMs: unknown): readonly PlacedMessage[] {
  if (typeof retentionMs !== "number" || typeof dedupWindowMs !== "number" || retentionMs >= dedupWindowMs) return [];
  const message =
    "must not be shorter than webhook.dedup_window: duplicates are recognised by the notifications on record";
  return [{ code: "bad_value", path: ["outbox", "retention"], of: "value", message }];
}

/** For editors: the same shape as JSON Schema, as text. */
export function configSchemaText(): string {
  const schema = z.toJSONSchema(configSchema(noSecrets), { io: "input", target: "draft-7" });
  return `${JSON.stringify({ ...schema, title: "alertmanager-wecom configuration" }, null, 2)}\n`;
}
