// One request as an item of the page: the bubble of an accepted message with its byte count, or a grey line for a
// request that the group does not see; below it violations in red and advice in grey.

import { bodyTextAt } from "../body-value.ts";
import type { AcceptedMessage, ChatEntry, RecordedFile } from "../record.ts";
import { type Html, html, noHtml } from "./html.ts";
import { fileHtml, messageHtml } from "./message.ts";

export function entryHtml(entry: ChatEntry, files: readonly RecordedFile[]): Html {
  const { message, file } = entry;
  const notes = html`${violationsHtml(entry)}${faultHtml(entry)}`;
  if (message !== null) {
    return html`<li class="entry">${avatarHtml(entry)}<div class="entry-body">${headHtml(entry)}
<div class="bubble ${message.msgtype}">${messageHtml(message, files)}</div>${footHtml(message)}${notes}</div></li>`;
  }
  if (file !== null) {
    return html`<li class="system"><span>${clockText(entry.at)} ${entry.robot} 上传了文件 uploaded a file</span>
${fileHtml(file.mediaId, files)}${notes}</li>`;
  }
  return html`<li class="system ${entry.outcome}"><span>${clockText(entry.at)} ${entry.robot} ${notShownText(entry)}</span>${notes}</li>`;
}

function avatarHtml({ robot, keyNumber }: ChatEntry): Html {
  return html`<span class="avatar tint-${(nameSum(robot) + keyNumber) % 6}">${[...robot][0] ?? "?"}</span>`;
}

function nameSum(name: string): number {
  return [...name].reduce((sum, char) => sum + (char.codePointAt(0) ?? 0), 0);
}

function headHtml({ robot, keyNumber, at }: ChatEntry): Html {
  const number = keyNumber > 1 ? html` <span class="number">#${keyNumber}</span>` : noHtml;
  return html`<div class="head"><b>${robot}</b>${number} <span class="tag">机器人 robot</span> ${clockText(at)}</div>`;
}

const notShownTexts: Readonly<Record<ChatEntry["outcome"], string>> = {
  accepted: "已接受 accepted",
  rejected: "消息被拒收 rejected",
  rateLimited: "超过频率限制 over the rate limit",
  faulted: "注入的故障 scripted fault",
};

function notShownText({ outcome, errcode }: ChatEntry): string {
  return errcode === null ? notShownTexts[outcome] : `${notShownTexts[outcome]} · errcode ${errcode}`;
}

function violationsHtml({ violations }: ChatEntry): readonly Html[] {
  return violations.map(
    ({ rule, errcode, detail }) =>
      html`<div class="violation"><b>${rule}</b> ${detail}${errcode === 0 ? "" : ` → ${errcode}`}</div>`,
  );
}

function faultHtml({ fault }: ChatEntry): Html {
  return fault === null ? noHtml : html`<div class="note">注入的故障 scripted fault: ${fault}</div>`;
}

const contentMaxBytes: Readonly<Record<string, number>> = { text: 2048, markdown: 4096, markdown_v2: 4096 };

/** The message type, its bytes and limit, and the advice. */
function footHtml({ msgtype, body, advice }: AcceptedMessage): Html {
  const limit = contentMaxBytes[msgtype];
  const bytes = Buffer.byteLength(bodyTextAt(body, `${msgtype}.content`));
  const size = limit === undefined ? "" : ` · ${bytes}/${limit} 字节 bytes`;
  const advised = advice.map((detail) => html`<div class="advice">建议 advice: ${detail}</div>`);
  return html`<div class="note">${msgtype}${size}</div>${advised}`;
}

/** UTC, so that the page is the same on every machine; the script of the page converts it to local time. */
function clockText(at: number): Html {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${iso.slice(11, 19)}</time>`;
}
