/** The names in a certificate's subjectAltName, as Node prints them. */

/** `DNS:a.example, URI:spiffe://x, DNS:"odd, DNS:b.example"`: a name with odd characters stands in quotes as a JSON text. */
const entry = /(?:^|, )([A-Za-z][A-Za-z ]*):("(?:[^"\\]|\\.)*"|[^,"]*)(?=$|, )/gy;

/** `DNS:a.example`, `URI:...`, `IP:...`, `EMAIL:...`; empty when the text is not wholly of that form. */
export function alternativeNames(text: string): string[] {
  const names: string[] = [];
  let end = 0;
  for (const match of text.matchAll(entry)) {
    const kind = match[1]!.toUpperCase().replace("IP ADDRESS", "IP");
    const value = match[2]!.startsWith('"') ? (JSON.parse(match[2]!) as string) : match[2]!;
    names.push(normalName(`${kind}:${value}`));
    end = match.index + match[0].length;
  }
  return end === text.length ? names : [];
}

/** As names are compared: kinds and DNS names without regard to case. */
export function normalName(name: string): string {
  const [kind = "", ...rest] = name.split(":");
  const value = rest.join(":");
  return `${kind.toUpperCase()}:${kind.toUpperCase() === "DNS" ? value.toLowerCase() : value}`;
}
