// One request as an item of the page: the bubble of an accepted message, with its byte count, or a grey line for what the
// group never saw; violations below in red, advice in grey. In: an entry of the ledger; out: safe HTML.

import { type Html, html, noHtml } from "../../console/html.ts";
import { textAt } from "../body-value.ts";
import type { AcceptedMessage, Entry, UploadedFile } from "../record.ts";
import { fileHtml, messageHtml } from "./message.ts";

export function entryHtml(entry: Entry, files: readonly UploadedFile[]): Html {
  const { message, file } = entry;
  const notes = html`${violationsHtml(entry)}${faultHtml(entry)}`;
  if (message !== null) {
    return html`<li class="entry">${avatarHtml(entry)}<div class="said">${headHtml(entry)}
<div class="bubble ${message.msgtype}">${messageHtml(message, files)}</div>${footHtml(message)}${notes}</div></li>`;
  }
  if (file !== null) {
    return html`<li class="system"><span>${clockText(entry.at)} ${entry.robot} 上传文件 uploaded</span>
${fileHtml(file.mediaId, files)}${notes}</li>`;
  }
  return html`<li class="system ${entry.outcome}"><span>${clockText(entry.at)} ${entry.robot} ${lostText(entry)}</span>${notes}</li>`;
}

function avatarHtml({ robot, keyNumber }: Entry): Html {
  return html`<span class="avatar tint-${(nameSum(robot) + keyNumber) % 6}">${[...robot][0] ?? "?"}</span>`;
}

function nameSum(name: string): number {
  return [...name].reduce((sum, char) => sum + (char.codePointAt(0) ?? 0), 0);
}

function headHtml({ robot, keyNumber, at }: Entry): Html {
  const number = keyNumber > 1 ? html` <span class="number">#${keyNumber}</span>` : noHtml;
  return html`<div class="head"><b>${robot}</b>${number} <span class="tag">机器人 robot</span> ${clockText(at)}</div>`;
}

const lostTexts: Readonly<Record<Entry["outcome"], string>> = {
  accepted: "已接受 accepted",
  rejected: "消息被拒绝 rejected",
  rateLimited: "超出频率 over the rate",
  faulted: "脚本故障 scripted fault",
};

function lostText({ outcome, errcode }: Entry): string {
  return errcode === null ? lostTexts[outcome] : `${lostTexts[outcome]} · errcode ${errcode}`;
}

function violationsHtml({ violations }: Entry): readonly Html[] {
  return violations.map(
    ({ rule, errcode, detail }) =>
      html`<div class="violation"><b>${rule}</b> ${detail}${errcode === 0 ? "" : ` → ${errcode}`}</div>`,
  );
}

function faultHtml({ fault }: Entry): Html {
  return fault === null ? noHtml : html`<div class="note">脚本故障 scripted fault: ${fault}</div>`;
}

const contentLimits: Readonly<Record<string, number>> = { text: 2048, markdown: 4096, markdown_v2: 4096 };

/** The message type, how full it is, and what is advised against. */
function footHtml({ msgtype, body, advice }: AcceptedMessage): Html {
  const limit = contentLimits[msgtype];
  const bytes = Buffer.byteLength(textAt(body, `${msgtype}.content`));
  const size = limit === undefined ? "" : ` · ${bytes}/${limit} 字节 bytes`;
  const advised = advice.map((detail) => html`<div class="advice">建议 advice: ${detail}</div>`);
  return html`<div class="note">${msgtype}${size}</div>${advised}`;
}

/** UTC, so that the page is the same wherever it is rendered; the page's script turns it into local time. */
function clockText(at: number): Html {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${iso.slice(11, 19)}</time>`;
}
