// Web config files in the format of exporter-toolkit, and whether they are valid: the stage tests check the program against this table,
// the end-to-end test checks promtool. Paths are those of test/fixtures/tls.

export interface WebFile {
  readonly what: string;
  readonly text: string;
  readonly valid: boolean;
  /** True if the program refuses what exporter-toolkit accepts, because it has no meaning here or is not safe. */
  readonly stricter?: true;
}

const hash = "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze";
const pair = "cert_file: server.pem, key_file: server.key";
const tls = (more: string) => `tls_server_config: { ${pair}, ${more} }`;

export const webFiles: readonly WebFile[] = [
  { what: "nothing", text: "", valid: false, stricter: true },
  { what: "nothing but a comment", text: "# basic_auth_users:", valid: false, stricter: true },
  { what: "a TLS section without a key", text: "tls_server_config: {}", valid: true },
  { what: "a certificate and its key", text: `tls_server_config: { ${pair} }`, valid: true },
  {
    what: "verified clients",
    text: tls("client_auth_type: RequireAndVerifyClientCert, client_ca_file: client-ca.pem"),
    valid: true,
  },
  {
    what: "clients that may be verified",
    text: tls("client_auth_type: VerifyClientCertIfGiven, client_ca_file: client-ca.pem"),
    valid: true,
  },
  { what: "any client certificate", text: tls("client_auth_type: RequireAnyClientCert"), valid: true },
  { what: "any client certificate, in its old name", text: tls("client_auth_type: RequireClientCert"), valid: true },
  { what: "versions", text: tls("min_version: TLS12, max_version: TLS12"), valid: true },
  {
    what: "cipher suites and curves",
    text: tls(
      "cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256], prefer_server_cipher_suites: false, curve_preferences: [CurveP256, X25519]",
    ),
    valid: true,
  },
  {
    what: "headers and no HTTP/2",
    text: "http_server_config: { http2: false, headers: { X-Frame-Options: deny, Strict-Transport-Security: max-age=1 } }",
    valid: true,
  },
  {
    what: "users",
    text: `basic_auth_users: { alice: "${hash}", bob: "${hash.replace("$2y$", "$2b$")}" }`,
    valid: true,
  },
  { what: "a certificate without its key", text: "tls_server_config: { cert_file: server.pem }", valid: false },
  { what: "a key without its certificate", text: "tls_server_config: { key_file: server.key }", valid: false },
  {
    what: "a key of another certificate",
    text: "tls_server_config: { cert_file: server.pem, key_file: client.key }",
    valid: false,
  },
  {
    what: "a certificate that is not there",
    text: "tls_server_config: { cert_file: absent.pem, key_file: server.key }",
    valid: false,
  },
  {
    what: "a client authority that is not there",
    text: tls("client_auth_type: RequireAndVerifyClientCert, client_ca_file: absent.pem"),
    valid: false,
  },
  { what: "client authorities without a client type", text: tls("client_ca_file: client-ca.pem"), valid: false },
  {
    what: "a client type without a certificate",
    text: "tls_server_config: { client_auth_type: RequireAndVerifyClientCert }",
    valid: false,
  },
  { what: "an unknown client type", text: tls("client_auth_type: Maybe"), valid: false },
  { what: "an unknown version", text: tls("min_version: TLS14"), valid: false },
  { what: "an unknown cipher suite", text: tls("cipher_suites: [ROT13]"), valid: false },
  { what: "an unknown curve", text: tls("curve_preferences: [CurveP1]"), valid: false },
  { what: "an unknown key", text: "tls_server_confg: {}", valid: false },
  { what: "an unknown key of TLS", text: tls("certificate: x"), valid: false },
  { what: "an unknown header", text: "http_server_config: { headers: { X-Powered-By: me } }", valid: false },
  {
    what: "a header with an invalid value",
    text: "http_server_config: { headers: { X-Frame-Options: allow } }",
    valid: false,
  },
  { what: "a password instead of its hash", text: "basic_auth_users: { alice: secret-looking }", valid: false },
  { what: "users as a list", text: "basic_auth_users: [alice]", valid: false },
  { what: "no YAML", text: "tls_server_config: {", valid: false },
  { what: "a version OpenSSL does not speak", text: tls("min_version: TLS10"), valid: false, stricter: true },
];
