/** Where to listen, as it is written: HOST:PORT, an IPv6 address in brackets. */
export interface ListenAddress {
  host: string;
  port: number;
}

/** Undefined when the text is none. */
export function listenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text);
  if (match === null || Number(match[3]) > 65_535) return undefined;
  return { host: (match[1] ?? match[2])!, port: Number(match[3]) };
}
