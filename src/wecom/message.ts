// The bodies that a WeCom group robot accepts, as its page documents them
// (消息推送配置说明, developer.work.weixin.qq.com/document/path/99110).

import type { MessageKind } from "../domain/message-kind.ts";

export interface MarkdownMessage {
  readonly msgtype: "markdown";
  readonly markdown: { readonly content: string };
}

export interface TextMessage {
  readonly msgtype: "text";
  readonly text: {
    readonly content: string;
    readonly mentioned_list?: readonly string[];
    readonly mentioned_mobile_list?: readonly string[];
  };
}

/** What a tap opens: nothing (0), a URL (1) or a mini program (2). */
interface TapTarget {
  readonly type?: 0 | 1 | 2;
  readonly url?: string;
  readonly appid?: string;
  readonly pagepath?: string;
}

interface TitleAndDesc {
  readonly title?: string;
  readonly desc?: string;
}

export interface HorizontalContent {
  /** 1 URL, 2 attachment, 3 member. */
  readonly type?: 0 | 1 | 2 | 3;
  readonly keyname: string;
  readonly value?: string;
  readonly url?: string;
  readonly media_id?: string;
  readonly userid?: string;
}

/** The fields of both kinds of card. */
interface Card {
  /** `desc_color`: 0 grey, 1 black, 2 red, 3 green. */
  readonly source?: { readonly icon_url?: string; readonly desc?: string; readonly desc_color?: 0 | 1 | 2 | 3 };
  readonly main_title: TitleAndDesc;
  readonly quote_area?: TapTarget & { readonly title?: string; readonly quote_text?: string };
  readonly horizontal_content_list?: readonly HorizontalContent[];
  readonly jump_list?: readonly (TapTarget & { readonly title: string })[];
  readonly card_action:
    | { readonly type: 1; readonly url: string }
    | { readonly type: 2; readonly appid: string; readonly pagepath?: string };
}

/** `main_title.title` or `sub_title_text` must be filled. */
export interface TextNoticeCard extends Card {
  readonly card_type: "text_notice";
  readonly emphasis_content?: TitleAndDesc;
  readonly sub_title_text?: string;
}

/** `main_title.title` must be filled. */
export interface NewsNoticeCard extends Card {
  readonly card_type: "news_notice";
  /** Width by height, 1.3 to 2.25. */
  readonly card_image: { readonly url: string; readonly aspect_ratio?: number };
  readonly image_text_area?: TapTarget & TitleAndDesc & { readonly image_url: string };
  readonly vertical_content_list?: readonly { readonly title: string; readonly desc?: string }[];
}

export interface CardMessage {
  readonly msgtype: "template_card";
  readonly template_card: TextNoticeCard | NewsNoticeCard;
}

export interface Article {
  readonly title: string;
  readonly description?: string;
  readonly url: string;
  readonly picurl?: string;
}

export interface NewsMessage {
  readonly msgtype: "news";
  /** One to eight. */
  readonly news: { readonly articles: readonly Article[] };
}

export type WecomMessage =
  | TextMessage
  | MarkdownMessage
  /** Tables, lists and pictures, but no colours and no mentions. */
  | { readonly msgtype: "markdown_v2"; readonly markdown_v2: { readonly content: string } }
  | CardMessage
  | NewsMessage
  /** JPG or PNG; `md5` is that of the bytes before base64. */
  | { readonly msgtype: "image"; readonly image: { readonly base64: string; readonly md5: string } }
  | { readonly msgtype: "file"; readonly file: { readonly media_id: string } }
  | { readonly msgtype: "voice"; readonly voice: { readonly media_id: string } };

export function kindOf(message: WecomMessage): MessageKind {
  return message.msgtype === "template_card" ? message.template_card.card_type : message.msgtype;
}

/** The text of a message, or the JSON of one that is not text. */
export function messageText(message: WecomMessage): string {
  switch (message.msgtype) {
    case "text":
      return message.text.content;
    case "markdown":
      return message.markdown.content;
    case "markdown_v2":
      return message.markdown_v2.content;
    case "template_card":
      return JSON.stringify(message.template_card, null, 2);
    case "news":
      return JSON.stringify(message.news, null, 2);
    case "image":
      return JSON.stringify(message.image, null, 2);
    case "file":
      return JSON.stringify(message.file, null, 2);
    case "voice":
      return JSON.stringify(message.voice, null, 2);
  }
}
