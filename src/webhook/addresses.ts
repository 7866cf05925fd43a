/** Where a request comes from, and whether that is allowed. */
import { BlockList, isIP, isIPv6 } from "node:net";

export function addressList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address, prefix] = range.split("/") as [string, string | undefined];
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

/** IPv4 addresses also come as `::ffff:192.0.2.7`. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}

export function includes(list: BlockList, address: string): boolean {
  const text = plain(address);
  return isIP(text) !== 0 && list.check(text, isIPv6(text) ? "ipv6" : "ipv4");
}

/**
 * The sender's address. A proxy adds the address that it saw to the right of `x-forwarded-for`, so the list is read from
 * the right as long as trusted proxies stand there; what is further left anyone can have written.
 */
export function senderOf(peer: string, forwardedFor: string | undefined, trusted: BlockList): string {
  let sender = plain(peer);
  const hops = (forwardedFor ?? "").split(",").map((hop) => plain(hop.trim()));
  while (includes(trusted, sender)) {
    const hop = hops.pop();
    if (hop === undefined || isIP(hop) === 0) return sender;
    sender = hop;
  }
  return sender;
}
