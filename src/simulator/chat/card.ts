// A template card as WeCom draws it, top to bottom: source, picture, title, emphasis, quote, rows, jumps, the whole card's
// link. In: the template_card object as it was accepted; out: safe HTML. Pictures are placeholders: nothing is fetched.

import { type Html, html, noHtml } from "../../console/html.ts";
import { isObject, type JsonObject, objectsAt, textAt, valueAt } from "../body-value.ts";
import { linkHtml } from "./inline.ts";

export function cardHtml(card: JsonObject): Html {
  return html`<div class="card">
${sourceHtml(card)}${pictureHtml(card)}
<div class="card-title">${textAt(card, "main_title.title")}</div>
${lineHtml("card-desc", textAt(card, "main_title.desc"))}${emphasisHtml(card)}${imageTextHtml(card)}${quoteHtml(card)}
${lineHtml("card-sub", textAt(card, "sub_title_text"))}${verticalHtml(card)}${rowsHtml(card)}${jumpsHtml(card)}
<div class="card-action">${destinationHtml(card.card_action, "查看详情")}</div>
</div>`;
}

function lineHtml(name: string, text: string): Html {
  return text === "" ? noHtml : html`<div class="${name}">${text}</div>`;
}

const sourceColours = ["grey", "black", "red", "green"];

function sourceHtml(card: JsonObject): Html {
  if (!isObject(card.source)) return noHtml;
  const colour = sourceColours[Number(card.source.desc_color ?? 0)] ?? "grey";
  const icon = textAt(card, "source.icon_url") === "" ? noHtml : html`<span class="icon"></span>`;
  return html`<div class="card-source ${colour}">${icon}${textAt(card, "source.desc")}</div>`;
}

/** The ratio has two drawings: the page has no inline styles. */
function pictureHtml(card: JsonObject): Html {
  if (!isObject(card.card_image)) return noHtml;
  const shape = Number(card.card_image.aspect_ratio ?? 1.3) > 1.8 ? "wide" : "tall";
  return html`<div class="picture ${shape}" title="${textAt(card, "card_image.url")}">图片 image</div>`;
}

function emphasisHtml(card: JsonObject): Html {
  if (!isObject(card.emphasis_content)) return noHtml;
  return html`<div class="emphasis"><div class="emphasis-title">${textAt(card, "emphasis_content.title")}</div>
<div class="emphasis-desc">${textAt(card, "emphasis_content.desc")}</div></div>`;
}

function imageTextHtml(card: JsonObject): Html {
  const area = card.image_text_area;
  if (!isObject(area)) return noHtml;
  return html`<div class="image-text"><div class="picture square" title="${textAt(area, "image_url")}">图</div>
<div><b>${destinationHtml(area, textAt(area, "title"))}</b><div class="card-desc">${textAt(area, "desc")}</div></div></div>`;
}

function quoteHtml(card: JsonObject): Html {
  const quote = card.quote_area;
  if (!isObject(quote)) return noHtml;
  return html`<div class="quote-area"><b>${destinationHtml(quote, textAt(quote, "title"))}</b>
<div class="keep-lines">${textAt(quote, "quote_text")}</div></div>`;
}

function verticalHtml(card: JsonObject): readonly Html[] {
  return objectsAt(card, "vertical_content_list").map(
    (item) => html`<div class="vertical"><b>${textAt(item, "title")}</b><div>${textAt(item, "desc")}</div></div>`,
  );
}

function rowsHtml(card: JsonObject): Html {
  const rows = objectsAt(card, "horizontal_content_list");
  if (rows.length === 0) return noHtml;
  return html`<dl class="rows">${rows.map((row) => html`<dt>${textAt(row, "keyname")}</dt><dd>${rowValue(row)}</dd>`)}</dl>`;
}

function rowValue(row: JsonObject): Html {
  const value = textAt(row, "value");
  switch (Number(row.type ?? 0)) {
    case 1:
      return linkHtml(textAt(row, "url"), html`${value}`);
    case 2:
      return html`<span class="attachment">📎 ${value}</span>`;
    case 3:
      return html`<span class="mention" title="${textAt(row, "userid")}">${value}</span>`;
    default:
      return html`${value}`;
  }
}

function jumpsHtml(card: JsonObject): readonly Html[] {
  return objectsAt(card, "jump_list").map(
    (jump) =>
      html`<div class="jump">${destinationHtml(jump, textAt(jump, "title"))}<span class="chevron">›</span></div>`,
  );
}

/** Type 1 is a URL, type 2 a mini program, anything else no link. */
function destinationHtml(click: unknown, label: string): Html {
  const type = Number(valueAt(click, "type") ?? 0);
  if (type === 1) return linkHtml(textAt(click, "url"), html`${label}`);
  if (type === 2) return html`<span class="dead-link" title="小程序 ${textAt(click, "appid")}">${label}</span>`;
  return html`${label}`;
}
