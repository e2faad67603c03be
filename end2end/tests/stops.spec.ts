// What stops calls, and what a person can do about it: the pause switch, and asking the provider at once.

import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, startServer, test, type Server } from "../helpers.ts";
import { endOf, makeCall, rowOf } from "../pages.ts";

let own: Server;

// The switch holds for the whole installation, so these have one of their own.
test.beforeEach(async () => {
  own = await startServer({ SIMULATOR_SPEED: "20" });
});

// A page that is still open would go on asking, and complain.
test.afterEach(async ({ page }) => {
  await page.close();
  await own.stop();
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });

    test("one switch stops all placing, says who and since when, and lets it go on", async ({ page }) => {
      await makeCall(own);
      await page.goto(own.url);
      await page.getByRole("button", { name: "Pause", exact: true }).click();
      await expect(page.getByText("No call goes out now", { exact: true })).toBeVisible();
      await expect(page.getByText(/^Paused by Somebody since \d+ \w+ \d{4}, \d\d:\d\d UTC\.$/)).toBeVisible();
      await expect(page.getByRole("button", { name: "Pause", exact: true })).toHaveCount(0);

      const waits = await makeCall(own);
      await page.goto(own.url);
      await expect(rowOf(page, waits.customer_name).getByText("paused", { exact: true })).toBeVisible();
      await page.getByRole("button", { name: "Resume", exact: true }).click();
      await expect(page.getByText("No call goes out now", { exact: true })).toHaveCount(0);
      expect(await endOf(own, waits.id)).toBe("completed");
    });
  });
}

test.describe("a provider whose answer was lost", () => {
  let knows = false;
  let company: HttpServer;

  // It breaks when it is asked to dial, and says later that it has dialed.
  test.beforeEach(async () => {
    knows = false;
    company = createServer((request, response) => {
      const attempt = new URL(request.url ?? "/", "http://localhost").searchParams.get("attempt_id");
      const ended = { attempt_id: attempt, provider_call_id: "CA1", status: "completed", sequence: 4, updated_at: new Date().toISOString() };
      response.statusCode = request.method === "POST" ? 500 : 200;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ calls: knows ? [ended] : [] }));
    });
    await once(company.listen(0, "127.0.0.1"), "listening");
  });

  test.afterEach(() => company.close());

  test("can be asked at once", async ({ page }) => {
    const { port } = company.address() as AddressInfo;
    const asking = await startServer({
      PROVIDER_URL: `http://127.0.0.1:${port}`,
      PROVIDER_TIMEOUT_SECS: "300",
      LEASE_SECS: "3600",
      NUMBER_CHECK: "shape",
    });
    try {
      const call = await makeCall(asking);
      await page.goto(asking.url);
      await expect(rowOf(page, call.customer_name).getByText("asking the provider", { exact: true })).toBeVisible();
      await page.goto(`${asking.url}/calls/${call.id}`);
      await expect(page.getByText("The provider is being asked whether it has dialed.", { exact: true })).toBeVisible();
      // By itself it is asked after 1, 3 and 8 seconds, and then not before 23.
      await expect(page.getByText(/It has been asked 3 times what became of it/)).toBeVisible({ timeout: 20_000 });
      knows = true;
      await page.getByRole("button", { name: "Ask now", exact: true }).click();
      await expect(page.getByText("It was answered and came to its end.", { exact: true })).toBeVisible();
    } finally {
      await page.close();
      await asking.stop();
    }
  });
});
