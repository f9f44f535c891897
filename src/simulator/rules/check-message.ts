// Checks the body of one send request: JSON, msgtype, block, fields, lengths, lists, content. take-send.ts checks the
// key and the rate.

import { type BodyObject, bodyObjectsAt, bodyTextAt, bodyTextsAt, bodyValueAt, isBodyObject } from "../body-value.ts";
import { checkFields } from "./check-fields.ts";
import { checkImage } from "./check-image.ts";
import { checkMarkdown } from "./check-markdown.ts";
import { checkUnknownFields } from "./check-unknown-fields.ts";
import { inCheckOrder, type RuleFinding, rejection, remark } from "./finding.ts";
import type { MediaKind, MediaState } from "./media.ts";
import { isMessageType, type MessageType, rulesFor } from "./message-rules.ts";
import { refusals } from "./refusals.ts";
import type { Switches } from "./switches.ts";

interface MessageContext {
  readonly switches: Switches;
  readonly mediaState: (mediaId: string, kind: MediaKind) => MediaState;
}

export interface CheckedMessage {
  /** null when the body is not a JSON object. */
  readonly body: BodyObject | null;
  readonly msgtype: string;
  readonly findings: readonly RuleFinding[];
}

export function checkMessage(bytes: Uint8Array, context: MessageContext): CheckedMessage {
  const text = decodeUtf8(bytes);
  if (text === null) {
    const detail = "the body is not valid UTF-8";
    return rejectedMessage(null, rejection({ rule: "body/utf8", step: "json", detail }, refusals.badCharset));
  }
  const body = parseObject(text);
  if (body === null) {
    const refusal = { ...refusals.badJson, errcode: context.switches.badJsonErrcode };
    return rejectedMessage(
      null,
      rejection({ rule: "body/json", step: "json", detail: "the body is not a JSON object" }, refusal),
    );
  }
  return checkBody(body, context);
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function parseObject(text: string): BodyObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isBodyObject(value) ? value : null;
  } catch {
    return null;
  }
}

function rejectedMessage(body: BodyObject | null, finding: RuleFinding): CheckedMessage {
  return { body, msgtype: bodyTextAt(body, "msgtype"), findings: [finding] };
}

function checkBody(body: BodyObject, context: MessageContext): CheckedMessage {
  const msgtype = body.msgtype;
  if (!isMessageType(msgtype)) {
    const detail = `msgtype is ${JSON.stringify(msgtype)?.slice(0, 60) ?? "missing"}`;
    return rejectedMessage(body, rejection({ rule: "msgtype/value", step: "msgtype", detail }, refusals.badMsgtype));
  }
  if (!isBodyObject(body[msgtype])) {
    const detail = `the object \`${msgtype}\` is missing`;
    return rejectedMessage(
      body,
      rejection({ rule: `${msgtype}/required`, step: "block", detail }, refusals.missingBlock),
    );
  }
  const findings = [
    ...checkDocumentedFields(msgtype, body, context.switches),
    ...checkContent(msgtype, body, context),
    ...checkMediaIds(body, context),
    ...checkEncoding(body),
  ];
  return { body, msgtype, findings: inCheckOrder(findings) };
}

function checkDocumentedFields(msgtype: MessageType, body: BodyObject, switches: Switches): readonly RuleFinding[] {
  const rules = rulesFor(msgtype, body);
  const findings = checkFields(body, rules, switches).map((finding) => allowEmptyMention(finding, body, switches));
  const unknownCard = findings.some(({ rule }) => rule.startsWith("template_card.card_type/"));
  return unknownCard ? findings : [...findings, ...checkUnknownFields(body, rules, switches)];
}

/** The switch emptyTextWithMention may allow empty text that only mentions people. */
function allowEmptyMention(finding: RuleFinding, body: BodyObject, switches: Switches): RuleFinding {
  if (finding.rule !== "text.content/required" || switches.emptyTextWithMention === "reject") return finding;
  const mentions =
    [...bodyTextsAt(body, "text.mentioned_list"), ...bodyTextsAt(body, "text.mentioned_mobile_list")].length > 0;
  return mentions ? remark(finding, "flag") : finding;
}

function checkContent(msgtype: MessageType, body: BodyObject, { switches }: MessageContext): readonly RuleFinding[] {
  switch (msgtype) {
    case "markdown":
    case "markdown_v2":
      return checkMarkdown(msgtype, bodyTextAt(body, `${msgtype}.content`), switches);
    case "image": {
      const base64 = bodyTextAt(body, "image.base64");
      return base64 === "" ? [] : checkImage(base64, bodyTextAt(body, "image.md5"));
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

function checkMediaIds(body: BodyObject, { mediaState }: MessageContext): readonly RuleFinding[] {
  return mediaUses(body).flatMap(({ path, kind, mediaId }) => {
    const state = mediaId === "" ? "usable" : mediaState(mediaId, kind);
    if (state === "usable") return [];
    return [
      rejection({ rule: `${path}/${state}`, step: "content", detail: `the media id is ${state}` }, refusals.badMediaId),
    ];
  });
}

function mediaUses(body: BodyObject): readonly MediaUse[] {
  const rows = bodyObjectsAt(body, "template_card.horizontal_content_list").filter((row) => Number(row.type) === 2);
  return [
    { path: "file.media_id", kind: "file", mediaId: bodyTextAt(body, "file.media_id") },
    { path: "voice.media_id", kind: "voice", mediaId: bodyTextAt(body, "voice.media_id") },
    ...rows.map((row) => ({
      path: "template_card.horizontal_content_list[].media_id",
      kind: "file" as const,
      mediaId: bodyTextAt(row, "media_id"),
    })),
  ];
}

/** The rules about more than one field of a card. Source: document/path/99110, 模版卡片类型. */
function checkCard(body: BodyObject): readonly RuleFinding[] {
  return [...checkTitle(body), ...adviseQuote(body), ...adviseFileNames(body)];
}

function checkTitle(body: BodyObject): readonly RuleFinding[] {
  if (bodyTextAt(body, "template_card.card_type") !== "text_notice") return [];
  if (bodyTextAt(body, "template_card.main_title.title") !== "") return [];
  if (bodyTextAt(body, "template_card.sub_title_text") !== "") return [];
  const detail = "main_title.title and sub_title_text are both empty; one is required";
  const text = "missing parameter `template_card.main_title.title`. invalid Request Parameter";
  return [rejection({ rule: "template_card/title-or-sub-title", step: "required", detail }, refusals.missing, text)];
}

function adviseQuote(body: BodyObject): readonly RuleFinding[] {
  const quote = isBodyObject(bodyValueAt(body, "template_card.quote_area"));
  const emphasis = isBodyObject(bodyValueAt(body, "template_card.emphasis_content"));
  if (!quote || !emphasis) return [];
  const detail = "it is not recommended to use quote_area and emphasis_content together";
  return [remark({ rule: "template_card/quote-and-emphasis", step: "content", detail }, "advice")];
}

function adviseFileNames(body: BodyObject): readonly RuleFinding[] {
  const files = bodyObjectsAt(body, "template_card.horizontal_content_list").filter((row) => Number(row.type) === 2);
  const unnamed = files.filter((row) => !/\.[^.]+$/.test(bodyTextAt(row, "value")));
  const rule = "template_card.horizontal_content_list[].value/file-name";
  const detail = "value of a file row should be the file name with its extension";
  return unnamed.map(() => remark({ rule, step: "content", detail }, "advice"));
}

/**
 * Finds text that was cut inside a code point: lone surrogates, and U+FFFD, which a decoder writes where bytes were
 * cut. The answer of WeCom to either is unknown, so both are only flagged.
 */
function checkEncoding(body: unknown): readonly RuleFinding[] {
  const all = stringsIn(body);
  return [
    ...(all.every((text) => text.isWellFormed()) ? [] : [encodingFinding("lone-surrogate", "a lone surrogate")]),
    ...(all.some((text) => text.includes("\uFFFD")) ? [encodingFinding("replacement-character", "U+FFFD")] : []),
  ];
}

function encodingFinding(aspect: string, what: string): RuleFinding {
  return remark({ rule: `utf8/${aspect}`, step: "content", detail: `the body contains ${what}` }, "flag");
}

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(stringsIn);
  return isBodyObject(value) ? Object.values(value).flatMap(stringsIn) : [];
}
