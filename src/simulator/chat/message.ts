// One accepted message as the inside of a chat bubble, by its type. In: the message and the uploaded files; out: safe
// HTML. News text is cut where WeCom cuts it.

import { type Html, html, noHtml } from "../../console/html.ts";
import { isObject, type JsonObject, objectsAt, textAt, textsAt } from "../body-value.ts";
import type { AcceptedMessage, UploadedFile } from "../record.ts";
import { pictureType } from "../rules/check-image.ts";
import { cardHtml } from "./card.ts";
import { inlineHtml, linkHtml } from "./inline.ts";
import { markdownHtml, markdownV2Html } from "./markdown.ts";

export function messageHtml({ msgtype, body }: AcceptedMessage, files: readonly UploadedFile[]): Html {
  switch (msgtype) {
    case "text":
      return textHtml(body);
    case "markdown":
      return markdownHtml(textAt(body, "markdown.content"));
    case "markdown_v2":
      return markdownV2Html(textAt(body, "markdown_v2.content"));
    case "image":
      return imageHtml(textAt(body, "image.base64"));
    case "news":
      return html`<div class="news">${objectsAt(body, "news.articles").map(articleHtml)}</div>`;
    case "file":
    case "voice":
      return fileHtml(textAt(body, `${msgtype}.media_id`), files);
    case "template_card":
      return isObject(body.template_card) ? cardHtml(body.template_card) : noHtml;
  }
}

function textHtml(body: JsonObject): Html {
  const mentioned = [...textsAt(body, "text.mentioned_list"), ...textsAt(body, "text.mentioned_mobile_list")];
  const names = mentioned.map((name) => html` <span class="mention">@${name === "@all" ? "所有人" : name}</span>`);
  const content = inlineHtml(textAt(body, "text.content"), "text");
  return html`<div class="keep-lines">${content}${names}</div>`;
}

function imageHtml(base64: string): Html {
  const type = pictureType(Buffer.from(base64.slice(0, 16), "base64"));
  if (type === null) return html`<div class="picture tall">图片 image</div>`;
  return html`<img class="image" alt="图片 image" src="data:${type};base64,${base64}">`;
}

function articleHtml(article: JsonObject): Html {
  const picture = textAt(article, "picurl");
  return html`<div class="article">
${picture === "" ? noHtml : html`<div class="picture wide" title="${picture}">图片 image</div>`}
<b>${linkHtml(textAt(article, "url"), html`${cut(textAt(article, "title"), 128)}`)}</b>
<div class="card-desc">${cut(textAt(article, "description"), 512)}</div></div>`;
}

/** Cuts at whole code points; how WeCom cuts exactly is not known. */
function cut(text: string, maxBytes: number): string {
  let bytes = 0;
  let kept = "";
  for (const char of text) {
    bytes += Buffer.byteLength(char);
    if (bytes > maxBytes) return `${kept}…`;
    kept += char;
  }
  return kept;
}

export function fileHtml(mediaId: string, files: readonly UploadedFile[]): Html {
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
