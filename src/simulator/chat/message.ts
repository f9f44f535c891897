// The content of the chat bubble of one accepted message.

import { type BodyObject, bodyObjectsAt, bodyTextAt, bodyTextsAt, isBodyObject } from "../body-value.ts";
import type { AcceptedMessage, RecordedFile } from "../record.ts";
import { pictureType } from "../rules/check-image.ts";
import { cardHtml } from "./card.ts";
import { type Html, html, noHtml } from "./html.ts";
import { inlineHtml, linkHtml } from "./inline.ts";
import { markdownHtml, markdownV2Html } from "./markdown.ts";

export function messageHtml({ msgtype, body }: AcceptedMessage, files: readonly RecordedFile[]): Html {
  switch (msgtype) {
    case "text":
      return textHtml(body);
    case "markdown":
      return markdownHtml(bodyTextAt(body, "markdown.content"));
    case "markdown_v2":
      return markdownV2Html(bodyTextAt(body, "markdown_v2.content"));
    case "image":
      return imageHtml(bodyTextAt(body, "image.base64"));
    case "news":
      return html`<div class="news">${bodyObjectsAt(body, "news.articles").map(articleHtml)}</div>`;
    case "file":
    case "voice":
      return fileHtml(bodyTextAt(body, `${msgtype}.media_id`), files);
    case "template_card":
      return isBodyObject(body.template_card) ? cardHtml(body.template_card) : noHtml;
  }
}

function textHtml(body: BodyObject): Html {
  const mentioned = [...bodyTextsAt(body, "text.mentioned_list"), ...bodyTextsAt(body, "text.mentioned_mobile_list")];
  const names = mentioned.map((name) => html` <span class="mention">@${name === "@all" ? "所有人" : name}</span>`);
  const content = inlineHtml(bodyTextAt(body, "text.content"), "text");
  return html`<div class="keep-lines">${content}${names}</div>`;
}

function imageHtml(base64: string): Html {
  const type = pictureType(Buffer.from(base64.slice(0, 16), "base64"));
  if (type === null) return html`<div class="picture tall">图片 image</div>`;
  return html`<img class="image" alt="图片 image" src="data:${type};base64,${base64}">`;
}

function articleHtml(article: BodyObject): Html {
  const picture = bodyTextAt(article, "picurl");
  return html`<div class="article">
${picture === "" ? noHtml : html`<div class="picture wide" title="${picture}">图片 image</div>`}
<b>${linkHtml(bodyTextAt(article, "url"), html`${cutAtBytes(bodyTextAt(article, "title"), 128)}`)}</b>
<div class="card-desc">${cutAtBytes(bodyTextAt(article, "description"), 512)}</div></div>`;
}

/** Cuts at a whole code point. How exactly WeCom cuts is unknown. */
function cutAtBytes(text: string, maxBytes: number): string {
  let bytes = 0;
  let kept = "";
  for (const char of text) {
    bytes += Buffer.byteLength(char);
    if (bytes > maxBytes) return `${kept}…`;
    kept += char;
  }
  return kept;
}

export function fileHtml(mediaId: string, files: readonly RecordedFile[]): Html {
  const index = files.findIndex((file) => file.mediaId === mediaId);
  const file = files[index];
  if (file === undefined) return html`<div class="file">文件 file</div>`;
  const size = file.bytes < 1024 ? `${file.bytes} B` : `${(file.bytes / 1024).toFixed(1)} KB`;
  const sign = file.kind === "voice" ? "🔊" : "📄";
  const text =
    file.text === null ? noHtml : html`<details><summary>内容 content</summary><pre>${file.text}</pre></details>`;
  return html`<div class="file"><span class="file-sign">${sign}</span><div>
<a href="/_sim/files/${index + 1}" download="${file.name}">${file.name}</a><div class="note">${size}</div></div></div>${text}`;
}
