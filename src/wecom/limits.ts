// WeCom's limits with their sources. Byte limits count the UTF-8 of the decoded string.
// Page: 消息推送配置说明, developer.work.weixin.qq.com/document/path/99110. Error list: 全局错误码, path/90313.

/** markdown.content; above it the robot answers 40058 and shows nothing (seen in feiyu563/PrometheusAlert#155). */
export const markdownMaxBytes = 4096;

/** text.content (page). The server rejects only above 5120 but may truncate what it shows above 2048. */
export const textMaxBytes = 2048;

/** Any URL in a message; above it 40039 (error list; one sighting on this webhook). */
export const urlMaxBytes = 1024;

/** template_card lists (page). */
export const horizontalContentMax = 6;
export const jumpMax = 3;

export const verticalContentMax = 4;

/** news.articles: their number, and the bytes above which the server truncates (page). */
export const articlesMax = 8;
export const articleBytes = { title: 128, description: 512 } as const;

/** card_image.aspect_ratio: width by height (page). */
export const aspectRatio = { least: 1.3, most: 2.25 } as const;

/** An uploaded file, 20 MB by the page; the smaller meaning of MB. */
export const fileMaxBytes = 20_000_000;

/** An uploaded voice clip, 2 MB by the page; the smaller meaning of MB. */
export const voiceMaxBytes = 2_000_000;

/** Recommended lengths in characters (字, page); longer text is accepted but truncated on a phone. */
export const cardAdvice = {
  sourceDesc: 13,
  title: 26,
  titleDesc: 30,
  emphasisTitle: 10,
  emphasisDesc: 15,
  subTitle: 112,
  keyname: 5,
  value: 26,
  jumpTitle: 13,
  verticalTitle: 26,
  verticalDesc: 112,
} as const;

/** A media id is valid for three days for the key that uploaded it (page, 文件上传接口); we stop an hour earlier. */
export const mediaLifeMs = 71 * 3_600_000;

/** Messages of a robot in a sliding window (page: 20 条/分钟; a sliding minute is the safe reading). */
export const windowMessages = 20;
export const windowMs = 60_000;

/** No request takes longer: `wecom.timeout` is at most 5 minutes, and an upload of 20 MB gets some minutes more. */
export const longestRequestMs = 600_000;

/** The same as the outbox enforces it. */
export const sendWindow = { slots: windowMessages, spanMs: windowMs, longestRequestMs };

/** The pause of a key after 45009: a minute-level block ends after 60 s (访问频率限制, path/90454), plus 5 s. */
export const rateLimitedHoldMs = 65_000;
