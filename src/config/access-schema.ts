/** The part of the configuration file that says who may do what: credentials, masks, tokens, TLS, quotas, webhook authentication. */
import { z } from "zod";
import { duration, size } from "./quantities.ts";

export const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, "an id has 1 to 63 of a-z, 0-9, _ and -, and begins with a letter or digit");

/** Never a literal, so that a configuration can be shown to anyone. */
export const secret = z.union(
  [z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })],
  { error: "a secret is {env: NAME} or {file: PATH}, never a literal" },
);

/** One secret, or two of which both are valid while they are exchanged. */
const secrets = z.union([secret, z.array(secret).min(1).max(2)], {
  error: "a secret is {env: NAME} or {file: PATH}, never a literal; two in a list are both valid",
});

const username = z
  .string()
  .min(1)
  .regex(/^[^:]*$/, "HTTP basic allows no colon in a user name");

const header = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "the name of an HTTP header")
  .transform((name) => name.toLowerCase());

/** How far a signature's time may be from the gateway's clock. */
const tolerance = duration("1s", "1h").default(300_000);

const hmac = z.union(
  [
    z.strictObject({ scheme: z.literal("standard-webhooks"), secret: secrets, tolerance }),
    z.strictObject({
      scheme: z.literal("custom"),
      secret: secrets,
      header,
      algorithm: z.enum(["sha256", "sha512", "sha1"]).default("sha256"),
      encoding: z.enum(["hex", "base64"]).default("hex"),
      /** What stands before the signature, such as `sha256=`. */
      prefix: z.string().default(""),
      /** Header with the time in seconds or milliseconds since 1970, signed with the body. */
      timestamp_header: header.optional(),
      /** What is signed. */
      signed: z
        .string()
        .regex(
          /^[^{}]*(?:\{timestamp\}[^{}]*)?\{body\}[^{}]*$/,
          "must contain {body}, and {timestamp} before it or not",
        )
        .optional(),
      tolerance,
    }),
  ],
  { error: "scheme is standard-webhooks (with secret) or custom (with secret and header)" },
);

export const sourceAuth = z.strictObject({
  basic: z.strictObject({ username, password: secrets }).optional(),
  bearer: z.strictObject({ token: secrets }).optional(),
  hmac: hmac.optional(),
});

/** An address or a range: `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`. */
export const addresses = z.array(z.string().min(2));

const rate = z.number().positive().max(1e9);

export const quotas = z.strictObject({
  max_streams: z.number().int().min(1).max(1e6).optional(),
  publish_events_per_second: rate.optional(),
  publish_bytes_per_second: size("1B", "1024GiB").optional(),
  replay_bytes_per_second: size("1B", "1024GiB").optional(),
  webhook_requests_per_second: rate.optional(),
});

export const permissionNames = ["subscribe", "publish", "observe", "admin"] as const;

export const credential = z.strictObject({
  id,
  api_key: secrets.optional(),
  /** A client certificate's subject common name, or one of its alternative names such as `DNS:qm.example.com`. */
  certificate: z
    .union(
      [
        z.strictObject({ common_name: z.string().min(1) }),
        z.strictObject({ san: z.string().regex(/^(?:DNS|URI|IP|EMAIL):./i) }),
      ],
      {
        error: "certificate is {common_name: NAME} or {san: NAME} with DNS:NAME, URI:..., IP:... or EMAIL:...",
      },
    )
    .optional(),
  tenants: z.array(id).min(1).optional(),
  default_tenant: id.optional(),
  permissions: z.array(z.enum(permissionNames)).min(1).default(["subscribe"]),
  filter: z.union([z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown())).min(1)]).optional(),
  view: z.enum(["basic", "full"]).default("full"),
  mask: id.optional(),
  privileged: z.boolean().default(false),
  quotas: quotas.optional(),
  expires: z.iso.datetime({ offset: true, error: "expires is a time such as 2027-01-31T00:00:00Z" }).optional(),
});

const maskAction = z.enum(["show", "drop", "last_four", "hash"]);

export const masks = z.record(
  id,
  z.strictObject({
    personal: maskAction.default("drop"),
    sensitive: maskAction.default("drop"),
    fields: z.record(z.string(), maskAction).default({}),
    hash_key: secret.optional(),
  }),
);

/** Whoever can change what comes from there can sign tokens: it is fetched over TLS, or from this machine. */
const jwksUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "") return false;
  return (
    url.protocol === "https:" ||
    (url.protocol === "http:" && /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname))
  );
});

const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"] as const;

/** Tokens of one issuer. What a token claims is bounded by what stands here. */
export const tokenIssuer = z.strictObject({
  id,
  issuer: z.string().min(1),
  audience: z.string().min(1),
  jwks: z.union([z.strictObject({ file: z.string().min(1) }), z.strictObject({ url: jwksUrl })], {
    error: "jwks is {file: PATH} or {url: URL}; the URL is https, or http on this machine, and holds no password",
  }),
  algorithms: z.array(z.enum(algorithms)).min(1).default(["RS256", "PS256", "ES256", "EdDSA"]),
  clock_skew: duration("0s", "10m").default(30_000),
  /** The names of the claims; one that a token lacks falls back to what is configured here. */
  claims: z
    .strictObject({
      tenants: z.string().default("callwire_tenants"),
      permissions: z.string().default("callwire_permissions"),
      filter: z.string().default("callwire_filter"),
      view: z.string().default("callwire_view"),
      mask: z.string().default("callwire_mask"),
    })
    .prefault({}),
  tenants: z.array(id).min(1).optional(),
  permissions: z.array(z.enum(permissionNames)).min(1).default(["subscribe"]),
  view: z.enum(["basic", "full"]).default("full"),
  mask: id.optional(),
  quotas: quotas.optional(),
});

export const tls = z.strictObject({
  certificate: z.string().min(1),
  key: z.string().min(1),
  /** Whose client certificates are accepted. */
  client_ca: z.string().min(1).optional(),
  /** Which of them their authorities have revoked. */
  client_crl: z.string().min(1).optional(),
  client_certificates: z.enum(["optional", "required"]).default("optional"),
  min_version: z.enum(["1.2", "1.3"]).default("1.2"),
});
