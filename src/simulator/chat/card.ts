// A template card as WeCom shows it. Pictures are placeholders, because the page fetches nothing.

import { type BodyObject, bodyObjectsAt, bodyTextAt, bodyValueAt, isBodyObject } from "../body-value.ts";
import { type Html, html, noHtml } from "./html.ts";
import { linkHtml } from "./inline.ts";

export function cardHtml(card: BodyObject): Html {
  return html`<div class="card">
${sourceHtml(card)}${pictureHtml(card)}
<div class="card-title">${bodyTextAt(card, "main_title.title")}</div>
${cardLineHtml("card-desc", bodyTextAt(card, "main_title.desc"))}${emphasisHtml(card)}${imageTextHtml(card)}${quoteHtml(card)}
${cardLineHtml("card-sub", bodyTextAt(card, "sub_title_text"))}${verticalHtml(card)}${rowsHtml(card)}${jumpsHtml(card)}
<div class="card-action">${destinationHtml(card.card_action, "查看详情")}</div>
</div>`;
}

function cardLineHtml(name: string, text: string): Html {
  return text === "" ? noHtml : html`<div class="${name}">${text}</div>`;
}

const sourceColours = ["grey", "black", "red", "green"];

function sourceHtml(card: BodyObject): Html {
  if (!isBodyObject(card.source)) return noHtml;
  const colour = sourceColours[Number(card.source.desc_color ?? 0)] ?? "grey";
  const icon = bodyTextAt(card, "source.icon_url") === "" ? noHtml : html`<span class="icon"></span>`;
  return html`<div class="card-source ${colour}">${icon}${bodyTextAt(card, "source.desc")}</div>`;
}

/** Only two ratios are shown, because the page has no inline styles. */
function pictureHtml(card: BodyObject): Html {
  if (!isBodyObject(card.card_image)) return noHtml;
  const shape = Number(card.card_image.aspect_ratio ?? 1.3) > 1.8 ? "wide" : "tall";
  return html`<div class="picture ${shape}" title="${bodyTextAt(card, "card_image.url")}">图片 image</div>`;
}

function emphasisHtml(card: BodyObject): Html {
  if (!isBodyObject(card.emphasis_content)) return noHtml;
  return html`<div class="emphasis"><div class="emphasis-title">${bodyTextAt(card, "emphasis_content.title")}</div>
<div class="emphasis-desc">${bodyTextAt(card, "emphasis_content.desc")}</div></div>`;
}

function imageTextHtml(card: BodyObject): Html {
  const area = card.image_text_area;
  if (!isBodyObject(area)) return noHtml;
  return html`<div class="image-text"><div class="picture square" title="${bodyTextAt(area, "image_url")}">图</div>
<div><b>${destinationHtml(area, bodyTextAt(area, "title"))}</b><div class="card-desc">${bodyTextAt(area, "desc")}</div></div></div>`;
}

function quoteHtml(card: BodyObject): Html {
  const quote = card.quote_area;
  if (!isBodyObject(quote)) return noHtml;
  return html`<div class="quote-area"><b>${destinationHtml(quote, bodyTextAt(quote, "title"))}</b>
<div class="keep-lines">${bodyTextAt(quote, "quote_text")}</div></div>`;
}

function verticalHtml(card: BodyObject): readonly Html[] {
  return bodyObjectsAt(card, "vertical_content_list").map(
    (item) =>
      html`<div class="vertical"><b>${bodyTextAt(item, "title")}</b><div>${bodyTextAt(item, "desc")}</div></div>`,
  );
}

function rowsHtml(card: BodyObject): Html {
  const rows = bodyObjectsAt(card, "horizontal_content_list");
  if (rows.length === 0) return noHtml;
  return html`<dl class="rows">${rows.map((row) => html`<dt>${bodyTextAt(row, "keyname")}</dt><dd>${rowValue(row)}</dd>`)}</dl>`;
}

function rowValue(row: BodyObject): Html {
  const value = bodyTextAt(row, "value");
  switch (Number(row.type ?? 0)) {
    case 1:
      return linkHtml(bodyTextAt(row, "url"), html`${value}`);
    case 2:
      return html`<span class="attachment">📎 ${value}</span>`;
    case 3:
      return html`<span class="mention" title="${bodyTextAt(row, "userid")}">${value}</span>`;
    default:
      return html`${value}`;
  }
}

function jumpsHtml(card: BodyObject): readonly Html[] {
  return bodyObjectsAt(card, "jump_list").map(
    (jump) =>
      html`<div class="jump">${destinationHtml(jump, bodyTextAt(jump, "title"))}<span class="chevron">›</span></div>`,
  );
}

/** Type 1 is a URL, type 2 a mini program, anything else no link. */
function destinationHtml(click: unknown, label: string): Html {
  const type = Number(bodyValueAt(click, "type") ?? 0);
  if (type === 1) return linkHtml(bodyTextAt(click, "url"), html`${label}`);
  if (type === 2) return html`<span class="dead-link" title="小程序 ${bodyTextAt(click, "appid")}">${label}</span>`;
  return html`${label}`;
}
