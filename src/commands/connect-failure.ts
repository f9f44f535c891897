// Why a server on the other side did not answer, in words for an operator. OpenSSL's and Node's own say where in their code.

const plainFailures: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "there is no host of this name",
  EAI_AGAIN: "the name of the host cannot be looked up now",
  ETIMEDOUT: "no answer in time",
  UND_ERR_CONNECT_TIMEOUT: "no answer in time",
  UND_ERR_HEADERS_TIMEOUT: "no answer in time",
  ECONNRESET: "the connection was closed; is it TLS on that port?",
  UND_ERR_SOCKET: "the connection was closed; is it TLS on that port?",
  CERT_HAS_EXPIRED: "its certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate names another host",
  ERR_SSL_WRONG_VERSION_NUMBER: notTls(),
  ERR_SSL_PACKET_LENGTH_TOO_LONG: notTls(),
};

function notTls(): string {
  return "it speaks plain HTTP on that port, not TLS";
}

/** Codes of OpenSSL for a certificate that no known authority has signed. */
const unknownAuthority = /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_)/;

export function connectFailure(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause.name === "TimeoutError") return "no answer in time";
  // An error of a whole handshake has only its text.
  if (/wrong version number|packet length too long/.test(cause.message)) return notTls();
  return plainFailure("code" in cause ? String(cause.code) : "") ?? cause.message;
}

/** Null for a code that is not known. */
export function plainFailure(code: string): string | null {
  if (unknownAuthority.test(code)) return "its certificate is signed by no authority that is known here";
  return plainFailures[code] ?? null;
}
