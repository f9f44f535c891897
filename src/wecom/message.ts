// The bodies a WeCom group robot accepts, field by field as its page documents them
// (消息推送配置说明, developer.work.weixin.qq.com/document/path/99110).

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

/** A jump to a URL (1) or a mini program (2). */
export type CardAction =
  | { readonly type: 1; readonly url: string }
  | { readonly type: 2; readonly appid: string; readonly pagepath?: string };

export interface CardSource {
  readonly icon_url?: string;
  readonly desc?: string;
  /** 0 grey, 1 black, 2 red, 3 green. */
  readonly desc_color?: 0 | 1 | 2 | 3;
}

export interface TitleAndDesc {
  readonly title?: string;
  readonly desc?: string;
}

export interface QuoteArea {
  readonly type?: 0 | 1 | 2;
  readonly url?: string;
  readonly appid?: string;
  readonly pagepath?: string;
  readonly title?: string;
  readonly quote_text?: string;
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

export interface Jump {
  readonly type?: 0 | 1 | 2;
  readonly title: string;
  readonly url?: string;
  readonly appid?: string;
  readonly pagepath?: string;
}

export interface TextNoticeCard {
  readonly card_type: "text_notice";
  readonly source?: CardSource;
  /** `title` here or `sub_title_text` must be filled. */
  readonly main_title: TitleAndDesc;
  readonly emphasis_content?: TitleAndDesc;
  readonly quote_area?: QuoteArea;
  readonly sub_title_text?: string;
  readonly horizontal_content_list?: readonly HorizontalContent[];
  readonly jump_list?: readonly Jump[];
  readonly card_action: CardAction;
}

export interface CardMessage {
  readonly msgtype: "template_card";
  readonly template_card: TextNoticeCard;
}

export type WecomMessage = MarkdownMessage | TextMessage | CardMessage;
