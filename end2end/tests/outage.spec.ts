// The server goes away and comes back, while somebody looks on and calls are under way.

import { expect, startServer, test, type Server } from "../helpers.ts";
import { makeCall, ringsLong, rowOf, someone } from "../pages.ts";

let fragile: Server;

// Not the worker's server, which other tests want to find alive. A call that rings for a minute rings for 12
// seconds here, and the provider is asked soon about what was not reported meanwhile.
test.beforeEach(async () => {
  fragile = await startServer({ SIMULATOR_SPEED: "5", REPORT_OVERDUE_SECS: "2", LEASE_SECS: "3" });
});

test.afterEach(async () => fragile.stop());

// Each look at a server that is not there is a line in the browser's console.
test.use({ expectedErrors: /ERR_CONNECTION_(REFUSED|RESET)|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING/ });

test("the page says that it is offline, keeps what it showed, and recovers", async ({ page }) => {
  const call = await makeCall(fragile, { phone_number: ringsLong });
  await page.goto(fragile.url);
  const row = rowOf(page, call.customer_name);
  await expect(page.getByRole("status")).toHaveText("Live");
  await fragile.crash();
  await expect(page.getByRole("status")).toHaveText(/^Offline since \d\d:\d\d$/);
  await expect(row).toBeVisible();
  await fragile.restart();
  await expect(page.getByRole("status")).toHaveText(/^(Live|Up to date)$/);
  await expect(row.getByText("Completed", { exact: true })).toBeVisible({ timeout: 25_000 });
});

test("killed in the middle of calls and started again, it brings each to its end", async ({ page }) => {
  const calls = [];
  for (const last of ["01", "02", "03", "05", "07", "08"]) {
    calls.push(await makeCall(fragile, { customer_name: someone(`No. ${last},`), phone_number: `+141555501${last}` }));
  }
  await page.goto(fragile.url);
  await expect(page.getByText("Ringing", { exact: true }).first()).toBeVisible();
  await fragile.crash();
  await fragile.restart();
  await page.reload();
  for (const call of calls) {
    const end = /No. 02/.test(call.customer_name) ? "Busy" : /No. 03/.test(call.customer_name) ? "No answer" : "Completed";
    const row = rowOf(page, call.customer_name);
    await expect(row.getByText(end, { exact: true })).toBeVisible({ timeout: 25_000 });
    await expect(row.getByRole("cell", { name: "1/1" }), "it was placed once").toBeVisible();
  }
});
