// The error answers of the robot and their sources (README.md lists them). The confidence is that of the pair "this
// error, this code on this endpoint", not that of the code itself.

/** On a Tencent page; seen in a public log, issue or test; inferred by us. */
export type Confidence = "documented" | "observed" | "guessed";

export interface RobotRefusal {
  readonly errcode: number;
  readonly text: string;
  readonly source: string;
  readonly confidence: Confidence;
}

const parameter = { errcode: 40058, source: "doc-err", confidence: "guessed" } as const;

export const refusals = {
  badKey: { errcode: 93000, text: "invalid webhook url", source: "live probe 2026-10", confidence: "observed" },
  badUploadKey: { errcode: 40058, text: "invalid param 'key'", source: "guanguans/notify", confidence: "observed" },
  overRate: { errcode: 45009, text: "api freq out of limit", source: "doc-push, doc-freq", confidence: "documented" },
  wrongMethod: { ...parameter, text: "invalid Request Parameter", confidence: "documented" },
  badJson: {
    errcode: 40008,
    text: "Warning: wrong json format. invalid message type",
    source: "community 2021-08",
    confidence: "observed",
  },
  badMsgtype: { errcode: 40008, text: "invalid message type", source: "doc-err", confidence: "documented" },
  missingBlock: { errcode: 40008, text: "invalid message type", source: "community 2021-08", confidence: "observed" },
  badCharset: { errcode: 40033, text: "invalid charset", source: "doc-err", confidence: "guessed" },
  emptyContent: { errcode: 44004, text: "empty content", source: "doc-err", confidence: "observed" },
  missing: { ...parameter, text: "missing parameter. invalid Request Parameter" },
  wrongType: { ...parameter, text: "expect type. invalid Request Parameter" },
  badValue: { ...parameter, text: "invalid value. invalid Request Parameter" },
  tooLong: {
    errcode: 40058,
    text: "exceed max length. invalid Request Parameter",
    source: "feiyu563/PrometheusAlert#155",
    confidence: "observed",
  },
  listSize: { ...parameter, text: "expect array size. invalid Request Parameter" },
  tooManyArticles: { errcode: 45008, text: "article size out of limit", source: "doc-err", confidence: "documented" },
  missingTitle: { errcode: 41016, text: "missing title", source: "doc-err", confidence: "guessed" },
  missingMediaId: { errcode: 41006, text: "missing media_id", source: "doc-err", confidence: "documented" },
  badMediaId: { errcode: 40007, text: "invalid media_id", source: "doc-push, doc-err", confidence: "documented" },
  urlTooLong: { errcode: 40039, text: "invalid url size", source: "doc-err", confidence: "observed" },
  urlWithoutScheme: { errcode: 45034, text: "url must have a scheme", source: "doc-err", confidence: "guessed" },
  imageTooBig: { errcode: 40009, text: "invalid image size", source: "doc-push, doc-err", confidence: "guessed" },
  notAnImage: { errcode: 40123, text: "invalid image format", source: "doc-err", confidence: "guessed" },
  md5Mismatch: { errcode: 301019, text: "md5 mismatch", source: "doc-err", confidence: "guessed" },
  bodyTooBig: { errcode: 45002, text: "content size out of limit", source: "doc-err", confidence: "guessed" },
  badUploadType: { errcode: 40005, text: "invalid file type", source: "doc-err", confidence: "documented" },
  noMedia: { errcode: 44001, text: "empty media data", source: "community", confidence: "observed" },
  fileTooSmall: { errcode: 40006, text: "invalid file size", source: "doc-push, doc-err", confidence: "documented" },
  fileTooBig: {
    errcode: 45001,
    text: "media size out of limit",
    source: "doc-push, doc-err",
    confidence: "documented",
  },
  notAmr: { errcode: 40004, text: "invalid media type", source: "doc-push, doc-err", confidence: "documented" },
  voiceTooLong: {
    errcode: 45007,
    text: "playtime out of limit",
    source: "doc-push, doc-err",
    confidence: "documented",
  },
} as const satisfies Record<string, RobotRefusal>;
