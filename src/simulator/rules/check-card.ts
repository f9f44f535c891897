// Judges what no single field of a template card can say: the either-or of the text_notice title, and advised pairings.
// Source: document/path/99110, 模版卡片类型.

import { isObject, type JsonObject, objectsAt, textAt, valueAt } from "../body-value.ts";
import { accept, type Finding, reject } from "./finding.ts";
import { refusals } from "./refusals.ts";

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
