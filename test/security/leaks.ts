/** Finds secrets in text, also where they were encoded on their way. */

/** The base64 characters that a secret alone determines, when it begins at a byte of a group of three. */
function base64Within(secret: Buffer, offset: number, encoding: "base64" | "base64url"): string {
  const text = Buffer.concat([Buffer.alloc(offset), secret]).toString(encoding);
  return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + secret.length) * 8) / 6));
}

/** How a secret may look. */
export function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), bytes.toString("hex")];
  for (const offset of [0, 1, 2]) {
    forms.push(base64Within(bytes, offset, "base64"), base64Within(bytes, offset, "base64url"));
  }
  // The key that a Standard Webhooks secret stands for.
  if (secret.startsWith("whsec_")) forms.push(...formsOf(Buffer.from(secret.slice(6), "base64").toString("latin1")));
  return [...new Set(forms)];
}

/** The secrets that a text tells, by name. */
export function leaks(text: string, secrets: Readonly<Record<string, string>>): string[] {
  return Object.entries(secrets)
    .filter(([, secret]) => formsOf(secret).some((form) => text.includes(form)))
    .map(([name]) => name);
}
