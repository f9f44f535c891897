// Judges one send request from its raw bytes: JSON, msgtype, block, fields, lengths, lists, content. In: bytes and what
// the robot knows (switches, media ids); out: the parsed body and every finding in check order. The key and the rate are
// judged elsewhere.
// Judges what no single field of a template card can say: the either-or of the text_notice title, and advised pairings.
// Source: document/path/99110, 模版卡片类型.
// Finds text that was cut inside a code point: lone surrogates, and U+FFFD, which a decoder leaves where bytes were cut.
// In: any JSON value; out: at most one finding of each kind. WeCom's answer to either is unknown, so both are only flagged.

import { isObject, type JsonObject, objectsAt, textAt, textsAt, valueAt } from "../body-value.ts";
import { checkFields } from "./check-fields.ts";
import { checkImage } from "./check-image.ts";
import { checkMarkdown } from "./check-markdown.ts";
import { checkUnknownFields } from "./check-unknown-fields.ts";
import { accept, type Finding, inCheckOrder, reject } from "./finding.ts";
import type { MediaKind, MediaState } from "./media.ts";
import { isMessageType, type MessageType, rulesFor } from "./message-rules.ts";
import { refusals } from "./refusals.ts";
import type { Switches } from "./switches.ts";

export interface MessageContext {
  readonly switches: Switches;
  readonly mediaState: (mediaId: string, kind: MediaKind) => MediaState;
}

export interface CheckedMessage {
  /** null when the body is not a JSON object. */
  readonly body: JsonObject | null;
  readonly msgtype: string;
  readonly findings: readonly Finding[];
}

export function checkMessage(bytes: Uint8Array, context: MessageContext): CheckedMessage {
  const text = decode(bytes);
  if (text === null) {
    const detail = "the body is not valid UTF-8";
    return refused(null, reject({ rule: "body/utf8", step: "json", detail }, refusals.badCharset));
  }
  const body = parse(text);
  if (body === null) {
    const refusal = { ...refusals.badJson, errcode: context.switches.badJsonErrcode };
    return refused(null, reject({ rule: "body/json", step: "json", detail: "the body is not a JSON object" }, refusal));
  }
  return checkBody(body, context);
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function parse(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function refused(body: JsonObject | null, finding: Finding): CheckedMessage {
  return { body, msgtype: textAt(body, "msgtype"), findings: [finding] };
}

function checkBody(body: JsonObject, context: MessageContext): CheckedMessage {
  const msgtype = body.msgtype;
  if (!isMessageType(msgtype)) {
    const detail = `msgtype is ${JSON.stringify(msgtype)?.slice(0, 60) ?? "missing"}`;
    return refused(body, reject({ rule: "msgtype/value", step: "msgtype", detail }, refusals.badMsgtype));
  }
  if (!isObject(body[msgtype])) {
    const detail = `the object \`${msgtype}\` is missing`;
    return refused(body, reject({ rule: `${msgtype}/required`, step: "block", detail }, refusals.missingBlock));
  }
  const findings = [
    ...checkDocumentedFields(msgtype, body, context.switches),
    ...checkContent(msgtype, body, context),
    ...checkMediaIds(body, context),
    ...checkEncoding(body),
  ];
  return { body, msgtype, findings: inCheckOrder(findings) };
}

function checkDocumentedFields(msgtype: MessageType, body: JsonObject, switches: Switches): readonly Finding[] {
  const rules = rulesFor(msgtype, body);
  const findings = checkFields(body, rules, switches).map((finding) => mayRing(finding, body, switches));
  const unknownCard = findings.some(({ rule }) => rule.startsWith("template_card.card_type/"));
  return unknownCard ? findings : [...findings, ...checkUnknownFields(body, rules, switches)];
}

/** Empty text that only rings people, by its switch. */
function mayRing(finding: Finding, body: JsonObject, switches: Switches): Finding {
  if (finding.rule !== "text.content/required" || switches.emptyTextWithMention === "reject") return finding;
  const rings = [...textsAt(body, "text.mentioned_list"), ...textsAt(body, "text.mentioned_mobile_list")].length > 0;
  return rings ? accept(finding, "flag") : finding;
}

function checkContent(msgtype: MessageType, body: JsonObject, { switches }: MessageContext): readonly Finding[] {
  switch (msgtype) {
    case "markdown":
    case "markdown_v2":
      return checkMarkdown(msgtype, textAt(body, `${msgtype}.content`), switches);
    case "image": {
      const base64 = textAt(body, "image.base64");
      return base64 === "" ? [] : checkImage(base64, textAt(body, "image.md5"));
    }
    case "template_card":
      return checkCard(body);
    default:
      return [];
  }
}

interface MediaUse {
  readonly path: string;
  readonly kind: MediaKind;
  readonly mediaId: string;
}

function checkMediaIds(body: JsonObject, { mediaState }: MessageContext): readonly Finding[] {
  return mediaUses(body).flatMap(({ path, kind, mediaId }) => {
    const state = mediaId === "" ? "usable" : mediaState(mediaId, kind);
    if (state === "usable") return [];
    return [
      reject({ rule: `${path}/${state}`, step: "content", detail: `the media id is ${state}` }, refusals.badMediaId),
    ];
  });
}

function mediaUses(body: JsonObject): readonly MediaUse[] {
  const rows = objectsAt(body, "template_card.horizontal_content_list").filter((row) => Number(row.type) === 2);
  return [
    { path: "file.media_id", kind: "file", mediaId: textAt(body, "file.media_id") },
    { path: "voice.media_id", kind: "voice", mediaId: textAt(body, "voice.media_id") },
    ...rows.map((row) => ({
      path: "template_card.horizontal_content_list[].media_id",
      kind: "file" as const,
      mediaId: textAt(row, "media_id"),
    })),
  ];
}

export function checkCard(body: JsonObject): readonly Finding[] {
  return [...checkTitle(body), ...adviseQuote(body), ...adviseFileNames(body)];
}

function checkTitle(body: JsonObject): readonly Finding[] {
  if (textAt(body, "template_card.card_type") !== "text_notice") return [];
  if (textAt(body, "template_card.main_title.title") !== "") return [];
  if (textAt(body, "template_card.sub_title_text") !== "") return [];
  const detail = "main_title.title or sub_title_text must be filled";
  const text = "missing parameter `template_card.main_title.title`. invalid Request Parameter";
  return [reject({ rule: "template_card/title-or-sub-title", step: "required", detail }, refusals.missing, text)];
}

function adviseQuote(body: JsonObject): readonly Finding[] {
  const quote = isObject(valueAt(body, "template_card.quote_area"));
  const emphasis = isObject(valueAt(body, "template_card.emphasis_content"));
  if (!quote || !emphasis) return [];
  const detail = "quote_area and emphasis_content are better not used together";
  return [accept({ rule: "template_card/quote-and-emphasis", step: "content", detail }, "advice")];
}

function adviseFileNames(body: JsonObject): readonly Finding[] {
  const files = objectsAt(body, "template_card.horizontal_content_list").filter((row) => Number(row.type) === 2);
  const unnamed = files.filter((row) => !/\.[^.]+$/.test(textAt(row, "value")));
  const rule = "template_card.horizontal_content_list[].value/file-name";
  const detail = "value of a file row should be the file's name with its extension";
  return unnamed.map(() => accept({ rule, step: "content", detail }, "advice"));
}

export function checkEncoding(body: unknown): readonly Finding[] {
  const all = strings(body);
  return [
    ...(all.every((text) => text.isWellFormed()) ? [] : [found("lone-surrogate", "a lone surrogate")]),
    ...(all.some((text) => text.includes("\uFFFD")) ? [found("replacement-character", "U+FFFD")] : []),
  ];
}

function found(aspect: string, what: string): Finding {
  return accept({ rule: `utf8/${aspect}`, step: "content", detail: `the body holds ${what}` }, "flag");
}

function strings(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(strings);
  return isObject(value) ? Object.values(value).flatMap(strings) : [];
}
