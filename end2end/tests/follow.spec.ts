// What happens elsewhere is shown at once by the stream of events; without the stream, the page asks.

import { expect, startServer, test } from "../helpers.ts";
import { answered, chip, makeCall, ringsLong, rowOf, someone } from "../pages.ts";

const stream = "**/api/events?*";

// What a blocked or broken stream leaves in the console.
test.use({ expectedErrors: /ERR_FAILED|ERR_CONNECTION_(REFUSED|RESET)|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING/ });

test("a page at rest is told of a new call, in every tab, and asks nothing while nothing happens", async ({ context }) => {
  // A server of its own: with no call open, nothing but the stream can tell.
  const server = await startServer();
  const tabs = [await context.newPage(), await context.newPage()];
  for (const tab of tabs) {
    await tab.goto(server.url);
    await expect(chip(tab)).toHaveText("Live");
  }
  const questions: string[] = [];
  for (const tab of tabs) tab.on("request", (request) => void questions.push(request.url()));
  const call = await makeCall(server, { phone_number: answered });
  for (const tab of tabs) {
    await expect(rowOf(tab, call.customer_name).getByText("Completed", { exact: true })).toBeVisible();
    await expect(chip(tab)).toHaveText("Live");
  }
  // The panel's code comes once the list is alive.
  const asked = questions.filter((url) => !url.includes("/pkg/"));
  expect(asked.length, "each of the call's steps is asked about").toBeGreaterThan(0);
  expect(asked.every((url) => url.includes("/fn/list_calls")), "nothing else is loaded").toBe(true);
  // What is still under way may come to its end.
  await tabs[0]?.waitForTimeout(500);
  const count = () => questions.filter((url) => !url.includes("/pkg/")).length;
  const before = count();
  await tabs[0]?.waitForTimeout(3_000);
  expect(count(), "nothing happens, and nothing is asked").toBe(before);
  await server.stop();
});

test("a note that a colleague writes appears on the call's page", async ({ page, server, visit }) => {
  const call = await makeCall(server, { delay_secs: 3600 });
  await visit(`/calls/${call.id}`);
  await expect(chip(page)).toHaveText("Live");
  const words = someone("Prefers mornings,");
  const answer = await page.request.post(`${server.url}/api/calls/${call.id}/notes`, { data: { note: words } });
  expect(answer.ok()).toBe(true);
  await expect(page.getByRole("region", { name: "Timeline" }).getByText(words, { exact: true })).toBeVisible();
});

test("where the stream is blocked, the list and the call's page keep asking to the end", async ({ page }) => {
  // A server of its own: the list comes to rest only when nobody's call is open.
  const server = await startServer();
  await page.route(stream, (route) => route.abort());
  const call = await makeCall(server, { phone_number: ringsLong });
  await page.goto(server.url);
  await expect(chip(page)).toHaveText("Polling");
  await expect(rowOf(page, call.customer_name).getByText("Completed", { exact: true })).toBeVisible({ timeout: 20_000 });
  await expect(chip(page)).toHaveText("Up to date");

  const second = await makeCall(server, { phone_number: ringsLong });
  await page.goto(`${server.url}/calls/${second.id}`);
  await expect(chip(page)).toHaveText("Polling");
  await expect(page.getByText("It was answered and came to its end.", { exact: true })).toBeVisible({ timeout: 20_000 });
  await server.stop();
});

test("a stream that is refused again and again delays no question", async ({ page }) => {
  // A browser tries every three seconds; while calls only wait the page asks every five.
  const server = await startServer();
  const pause = (paused: boolean) => page.request.put(`${server.url}/api/dispatch`, { data: { paused } });
  expect((await pause(true)).ok()).toBe(true);
  await page.route(stream, (route) => route.abort());
  const call = await makeCall(server, { phone_number: answered });
  await page.goto(server.url);
  await expect(rowOf(page, call.customer_name).getByText("paused", { exact: true })).toBeVisible();
  expect((await pause(false)).ok()).toBe(true);
  await expect(rowOf(page, call.customer_name).getByText("Completed", { exact: true })).toBeVisible({ timeout: 20_000 });
  await server.stop();
});

test("a stream that is cut comes back, and what happened meanwhile is shown", async ({ page }) => {
  const server = await startServer();
  await page.goto(server.url);
  await expect(chip(page)).toHaveText("Live");
  await server.crash();
  await expect(chip(page)).toHaveText(/^Offline since/);
  await server.restart();
  const call = await makeCall(server, { delay_secs: 3600 });
  await expect(rowOf(page, call.customer_name)).toBeVisible({ timeout: 15_000 });
  await expect(chip(page)).toHaveText("Live");
  await server.stop();
});
