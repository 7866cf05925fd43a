/** Whether a webhook comes from its source: HTTP basic, a bearer token, or a signature over the body. */
import { createHmac, hash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { HmacAuth, SourceAuth } from "../config/access.ts";
import { CallwireError } from "../errors/callwire-error.ts";

/** Lengths tell nothing either: what is compared are hashes. */
function equalInConstantTime(a: string | Buffer, b: string | Buffer): boolean {
  return timingSafeEqual(hash("sha256", a, "buffer"), hash("sha256", b, "buffer"));
}

/** Every candidate is compared, so that the duration does not tell which one was right. */
function equalsAny(given: string | Buffer, candidates: readonly (string | Buffer)[]): boolean {
  return candidates.map((candidate) => equalInConstantTime(given, candidate)).includes(true);
}

function authorization({ authorization: header }: IncomingHttpHeaders, scheme: RegExp): string | undefined {
  return scheme.exec(header ?? "")?.[1];
}

/** Whether a header proves the sender, so that the body need not be known. */
export function provesByHeader(headers: IncomingHttpHeaders, { basic, bearer }: SourceAuth): boolean {
  const given = authorization(headers, /^basic +(\S+)$/i);
  if (basic !== undefined && given !== undefined) {
    const pairs = basic.passwords.map((password) => `${basic.username}:${password}`);
    if (equalsAny(Buffer.from(given, "base64"), pairs)) return true;
  }
  const token = authorization(headers, /^bearer +(\S+)$/i);
  return bearer !== undefined && token !== undefined && equalsAny(token, bearer.tokens);
}

function headerText(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Seconds, or milliseconds when the number is too great for seconds. */
function timeMs(text: string): number | undefined {
  if (!/^\d{9,14}$/.test(text)) return undefined;
  const number = Number(text);
  return number > 1e11 ? number : number * 1000;
}

/** Signatures of one request that are looked at; senders that exchange their secret send two. */
const maxSignatures = 8;

interface Signed {
  /** The signatures that the request carries. */
  given: string[];
  /** What is signed, before the body and after it. */
  before: string;
  after: string;
  timestamp: string | undefined;
}

function signedPartsOf(headers: IncomingHttpHeaders, hmac: HmacAuth): Signed | undefined {
  if (hmac.scheme === "standard-webhooks") {
    const id = headerText(headers, "webhook-id");
    const timestamp = headerText(headers, "webhook-timestamp");
    const signatures = headerText(headers, "webhook-signature");
    if (id === undefined || timestamp === undefined || signatures === undefined) return undefined;
    const given = signatures.split(" ").flatMap((text) => (text.startsWith("v1,") ? [text.slice(3)] : []));
    return { given: given.slice(0, maxSignatures), before: `${id}.${timestamp}.`, after: "", timestamp };
  }
  const signature = headerText(headers, hmac.header);
  if (signature === undefined || !signature.startsWith(hmac.prefix)) return undefined;
  const timestamp = hmac.timestampHeader === undefined ? undefined : headerText(headers, hmac.timestampHeader);
  if (hmac.timestampHeader !== undefined && timestamp === undefined) return undefined;
  const [before = "", after = ""] = hmac.signed.replace("{timestamp}", timestamp ?? "").split("{body}");
  return { given: [signature.slice(hmac.prefix.length)], before, after, timestamp };
}

function keyOf({ scheme }: HmacAuth, secret: string): Buffer {
  return scheme === "custom" ? Buffer.from(secret) : Buffer.from(secret.replace(/^whsec_/, ""), "base64");
}

function signature(hmac: HmacAuth, secret: string, { before, after }: Signed, body: Buffer): string {
  const [algorithm, encoding] =
    hmac.scheme === "custom" ? ([hmac.algorithm, hmac.encoding] as const) : (["sha256", "base64"] as const);
  return createHmac(algorithm, keyOf(hmac, secret)).update(before).update(body).update(after).digest(encoding);
}

/** A delivery's name: its id where the scheme has one, else what was signed with it. */
function deliveryName(headers: IncomingHttpHeaders, { scheme }: HmacAuth, expected: string): string {
  const text = scheme === "standard-webhooks" ? headerText(headers, "webhook-id")! : expected;
  return `delivery ${hash("sha256", text, "base64url")}`;
}

const wrong = "the credential of this source is missing or wrong";

/**
 * Checks the signature over the body as it came, before decompression.
 *
 * @returns what names this delivery, so that its repetition can be told, whoever repeats it; undefined when nothing but the
 * content is signed, which the source may well send twice
 * @throws CallwireError UNAUTHENTICATED
 */
export function checkSignature(
  headers: IncomingHttpHeaders,
  hmac: HmacAuth,
  body: Buffer,
  nowMs: number,
): string | undefined {
  const signed = signedPartsOf(headers, hmac);
  if (signed === undefined) throw new CallwireError("UNAUTHENTICATED", wrong);
  const expected = hmac.secrets.map((secret) => signature(hmac, secret, signed, body));
  const isGiven = signed.given.map((given) => {
    const text = hmac.scheme === "custom" && hmac.encoding === "hex" ? given.toLowerCase() : given;
    return equalsAny(text, expected);
  });
  if (!isGiven.includes(true)) throw new CallwireError("UNAUTHENTICATED", wrong);
  if (signed.timestamp === undefined) return undefined;
  const sentMs = timeMs(signed.timestamp);
  if (sentMs === undefined || Math.abs(nowMs - sentMs) > hmac.toleranceMs) {
    // Told apart, since only who knows the secret gets here: most likely its clock is wrong.
    const late = "the signature is right, but its time is too far from the gateway's clock";
    throw new CallwireError("UNAUTHENTICATED", late);
  }
  return deliveryName(headers, hmac, expected[0]!);
}
