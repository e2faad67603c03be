// From the address to a page that can be used, and from the provider's callback to the changed pixel.

import { expectHydrated, startServer, test } from "../helpers.ts";
import { makeCall, rowOf, someone } from "../pages.ts";

/** What is read of a line of a call's timeline. */
interface Happened {
  kind: string;
  payload: { status?: string };
  created_at: string;
}

const rounds = Number(process.env.ROUNDS ?? 40);

test("what the first page transfers, and when it can be used", async ({ page, server }) => {
  for (let call = 0; call < 50; call += 1) await makeCall(server, { delay_secs: 3600 });
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const kinds = new Map<string, string>();
  const sizes = new Map<string, number>();
  session.on("Network.responseReceived", ({ requestId, response }) => {
    kinds.set(requestId, new URL(response.url).pathname.split(".").at(-1) ?? "");
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const kind = kinds.get(requestId) ?? "";
    sizes.set(kind, (sizes.get(kind) ?? 0) + encodedDataLength);
  });
  const usable: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    sizes.clear();
    await session.send("Network.clearBrowserCache");
    await page.goto(server.url);
    await expectHydrated(page);
    usable.push(await page.evaluate(() => performance.now()));
  }
  const html = await (await fetch(server.url)).text();
  const transferred = [...sizes].filter(([kind]) => ["wasm", "js", "css", "/"].includes(kind));
  console.log(`\ntransferred, bytes with headers: ${transferred.map((size) => size.join(" ")).join(", ")}`);
  console.log(`HTML of 50 rows: ${html.length} bytes before compression`);
  console.log(`usable after ${quantile(usable, 0.5).toFixed(0)} ms (median of ${usable.length}, nothing cached)`);
});

test("from what happens to the changed pixel", async ({ page }) => {
  const server = await startServer();
  await page.goto(server.url);
  const delays: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const name = someone();
    const call = await makeCall(server, { customer_name: name });
    await rowOf(page, name).waitFor();
    const seen = await rowOf(page, name).evaluateHandle((row) => {
      const seen: Record<string, number> = {};
      const look = () =>
        requestAnimationFrame(() => {
          const status = row.querySelector(".status-badge")?.getAttribute("data-status") ?? "";
          seen[status] ??= Date.now();
        });
      new MutationObserver(look).observe(row, { subtree: true, childList: true, characterData: true, attributes: true });
      return seen;
    });
    await rowOf(page, name).getByText("Completed", { exact: true }).waitFor();
    await page.waitForTimeout(50);
    const shown = await seen.jsonValue();
    const answer = await fetch(`${server.url}/api/calls/${call.id}/events`);
    const { events } = (await answer.json()) as { events: Happened[] };
    for (const event of events.filter((event) => event.kind === "report")) {
      const at = shown[event.payload.status ?? ""];
      if (at !== undefined) delays.push(at - Date.parse(event.created_at));
    }
  }
  console.log(`\nreport to pixel: p50 ${quantile(delays, 0.5)} ms, p99 ${quantile(delays, 0.99)} ms, of ${delays.length}`);
  // A page that is still open would ask a server that is gone.
  await page.goto("about:blank");
  await server.stop();
});

function quantile(values: number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
