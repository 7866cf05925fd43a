/** Durations and sizes as people write them: `3s`, `72h`, `10MiB`. */
import { z } from "zod";

const durationUnits: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const sizeUnits: Record<string, number> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

function quantity(units: Record<string, number>, example: string) {
  const pattern = new RegExp(`^(\\d+(?:\\.\\d+)?)\\s*(${Object.keys(units).join("|")})$`);
  return z.string().transform((text, context) => {
    const match = pattern.exec(text.trim());
    if (match !== null) return Math.round(Number(match[1]) * units[match[2]!]!);
    context.addIssue({ code: "custom", message: `${JSON.stringify(text)} is not of the form ${example}` });
    return z.NEVER;
  });
}

/** In milliseconds. */
export const duration = quantity(durationUnits, '"500ms", "3s", "5m", "72h" or "30d"');

/** In bytes. */
export const size = z.union([z.number().int().nonnegative(), quantity(sizeUnits, '4096 or "10MiB"')]);
