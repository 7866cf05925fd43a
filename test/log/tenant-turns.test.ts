/** Who waits for whom. */
import { expect, it } from "vitest";
import { TenantTurns } from "../../src/log/tenant-turns.ts";

const request = (tenant: string, number: number, size = 20_000) => ({ tenant, number, bytes: new Uint8Array(size) });

it("a tenant that is alone fills a group with many small requests or few large ones, in order", () => {
  const turns = new TenantTurns<ReturnType<typeof request>>(() => 0);
  for (let number = 0; number < 100; number++) turns.add(request("a", number, number < 50 ? 300 : 20_000));
  expect(turns.waitingBytes).toBe(50 * 300 + 50 * 20_000);
  const sizes: number[] = [];
  const order: number[] = [];
  while (!turns.isEmpty) {
    const group = turns.take();
    sizes.push(group.length);
    order.push(...group.map(({ number }) => number));
  }
  expect(order).toEqual(Array.from({ length: 100 }, (_, number) => number));
  expect(sizes[0]).toBeGreaterThan(50);
  expect(sizes.at(-2)).toBe(3);
  expect(turns.waitingBytes).toBe(0);
  expect(turns.take()).toEqual([]);
});

it("beside another each has a small share of every group, and its requests keep their order", () => {
  const turns = new TenantTurns<ReturnType<typeof request>>(() => 0);
  for (let number = 0; number < 1_000; number++) turns.add(request("flood", number));
  turns.add(request("quiet", 0));
  const first = turns.take();
  expect(first.map(({ tenant }) => tenant)).toContain("quiet");
  expect(first.length).toBeLessThan(10);
  turns.add(request("quiet", 1));
  expect(turns.take()[0]).toMatchObject({ tenant: "flood", number: first.length - 1 });
  const rest: number[] = [];
  for (let group = turns.take(); group.length > 0; group = turns.take()) {
    rest.push(...group.filter(({ tenant }) => tenant === "flood").map(({ number }) => number));
  }
  expect(rest).toEqual([...rest].sort((a, b) => a - b));
  expect(rest.at(-1)).toBe(999);
});

it("whoever was served first waits for the others, one larger than a share is taken all the same", () => {
  let nowMs = 0;
  const turns = new TenantTurns<ReturnType<typeof request>>(() => nowMs);
  for (const tenant of ["a", "b", "c"])
    for (let number = 0; number < 9; number++) turns.add(request(tenant, number, 1e6));
  expect(turns.take().map(({ tenant }) => tenant)).toEqual(["a", "b", "c"]);
  nowMs = 5_000;
  expect(turns.take().map(({ tenant, number }) => `${tenant}${number}`)).toEqual(["a1", "b1", "c1"]);
});

it("whoever has little waiting goes first and alone, in every second group, so that the others go on", () => {
  const turns = new TenantTurns<ReturnType<typeof request>>(() => 0);
  for (let number = 0; number < 10; number++) turns.add(request("flood", number));
  const groups = Array.from({ length: 6 }, (_, number) => {
    turns.add(request("quiet", number, 200));
    turns.add(request("other", number, 200));
    return new Set(turns.take().map(({ tenant }) => tenant));
  });
  const both = new Set(["quiet", "other"]);
  const all = new Set(["flood", "quiet", "other"]);
  expect(groups).toEqual([both, all, both, all, both, all]);
});

it("those who all have little share a group", () => {
  const turns = new TenantTurns<ReturnType<typeof request>>(() => 0);
  for (const tenant of ["a", "b"]) turns.add(request(tenant, 0, 200));
  expect(turns.take().map(({ tenant }) => tenant)).toEqual(["a", "b"]);
});
