// One valid body per message type, after the examples of document/path/99110, and a way to break one field of it. Not a
// test file.

import { createHash } from "node:crypto";

export const onePixelPng = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

export function imageBody(bytes: Buffer) {
  const md5 = createHash("md5").update(bytes).digest("hex");
  return { msgtype: "image", image: { base64: bytes.toString("base64"), md5 } };
}

const workUrl = "https://work.weixin.qq.com/?from=openApi";
const icon = "https://wework.qpic.cn/wwpic/252813_jOfDHtcISzuodLa_1629280209/0";

const shared = {
  source: { icon_url: icon, desc: "企业微信", desc_color: 0 },
  main_title: { title: "欢迎使用企业微信", desc: "您的好友正在邀请您加入企业微信" },
  quote_area: {
    type: 1,
    url: workUrl,
    appid: "APPID",
    pagepath: "PAGEPATH",
    title: "引用文本标题",
    quote_text: "Jack:企业微信真的很好用~\nBalian:超级好的一款软件!",
  },
  horizontal_content_list: [
    { keyname: "邀请人", value: "张三" },
    { keyname: "企微官网", value: "点击访问", type: 1, url: workUrl },
    { keyname: "企微下载", value: "企业微信.apk", type: 2, media_id: "MEDIAID" },
    { keyname: "负责人", value: "张三", type: 3, userid: "zhangsan" },
  ],
  jump_list: [
    { type: 1, url: workUrl, title: "企业微信官网" },
    { type: 2, appid: "APPID", pagepath: "PAGEPATH", title: "跳转小程序" },
    { title: "没有链接" },
  ],
  card_action: { type: 1, url: workUrl, appid: "APPID", pagepath: "PAGEPATH" },
};

export const samples = {
  text: {
    msgtype: "text",
    text: {
      content: "广州今日天气:29 度,大部分多云,降雨概率:60%",
      mentioned_list: ["wangqing", "@all"],
      mentioned_mobile_list: ["13800001111", "@all"],
    },
  },
  markdown: {
    msgtype: "markdown",
    markdown: {
      content:
        '实时新增用户反馈<font color="warning">132例</font>,请相关同事注意。\n>类型:<font color="comment">用户反馈</font>',
    },
  },
  markdown_v2: {
    msgtype: "markdown_v2",
    markdown_v2: {
      content: "# 标题\n*斜体* **加粗**\n- 列表\n\n| 姓名 | 数量 |\n| :-- | --: |\n| 张三 | 1 |\n```\ncode\n```",
    },
  },
  image: imageBody(onePixelPng),
  news: {
    msgtype: "news",
    news: {
      articles: [
        { title: "中秋节礼品领取", description: "今年中秋节公司有豪礼相送", url: "https://www.qq.com", picurl: icon },
      ],
    },
  },
  file: { msgtype: "file", file: { media_id: "MEDIAID" } },
  voice: { msgtype: "voice", voice: { media_id: "MEDIAID" } },
  text_notice: {
    msgtype: "template_card",
    template_card: {
      card_type: "text_notice",
      ...shared,
      emphasis_content: { title: "100", desc: "数据含义" },
      sub_title_text: "下载企业微信还能抢红包!",
    },
  },
  news_notice: {
    msgtype: "template_card",
    template_card: {
      card_type: "news_notice",
      ...shared,
      card_image: { url: icon, aspect_ratio: 2 },
      image_text_area: {
        type: 1,
        url: "https://work.weixin.qq.com",
        appid: "APPID",
        pagepath: "PAGEPATH",
        title: "欢迎使用企业微信",
        desc: "您的好友正在邀请您加入企业微信",
        image_url: icon,
      },
      vertical_content_list: [{ title: "惊喜红包等你来拿", desc: "下载企业微信还能抢红包!" }],
    },
  },
} as const;

export type SampleName = keyof typeof samples;

/** A copy of a sample with the value at `a.b[0].c` replaced; undefined removes it. */
export function withValue(sample: SampleName, path: string, value: unknown): unknown {
  const copy = structuredClone(samples[sample]) as unknown;
  const names = path.replaceAll(/\[(\d+)\]/g, ".$1").split(".");
  const last = names.pop() ?? "";
  const parent = names.reduce((at, name) => (at as Record<string, unknown>)[name], copy) as Record<string, unknown>;
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}
