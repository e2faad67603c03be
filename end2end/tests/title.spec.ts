// The title, which is all that is seen of a tab in the background, and what such a tab takes from the others.

import { expect, expectHydrated, startServer, test } from "../helpers.ts";
import { chip, makeCall, ringsLong, rowOf, someone } from "../pages.ts";
import type { Server } from "../helpers.ts";
import type { BrowserContext, Page } from "@playwright/test";

test.use({
  settings: { NODE_NAME: "title" },
  // What a blocked stream and a server that is gone leave in the console.
  expectedErrors: /ERR_FAILED|ERR_CONNECTION_(REFUSED|RESET)|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING/,
});

test("every page's title counts the active calls, as they come and go", async ({ browser }) => {
  test.setTimeout(120_000);
  const server = await startServer({ SIMULATOR_SPEED: "1" });
  const later = await makeCall(server, { customer_name: "Ada", delay_secs: 3600 });
  const titles = {
    "/": "Calls",
    "/calls/new": "New call",
    [`/calls/${later.id}`]: "Ada: Pending",
    [`/calls/${later.id}/edit`]: "Edit the call to Ada",
    "/insights": "Insights",
    "/lab": "Lab",
    "/settings": "Settings",
    "/settings/webhooks": "Webhooks",
  };
  // A browser has six connections to one server; each context is a browser of its own.
  const contexts = [await browser.newContext(), await browser.newContext()];
  const tabs: [Page, string][] = [];
  for (const [nth, [path, words]] of Object.entries(titles).entries()) {
    const tab = await (contexts[nth % 2] as BrowserContext).newPage();
    await tab.goto(`${server.url}${path}`);
    await expectHydrated(tab);
    await expect(tab).toHaveTitle(`${words} · Switchboard`);
    tabs.push([tab, words]);
  }
  const call = await makeCall(server, { phone_number: ringsLong });
  await Promise.all(tabs.map(([tab, words]) => expect(tab).toHaveTitle(`(1) ${words} · Switchboard`)));
  await hangUp(server, call.id);
  await Promise.all(tabs.map(([tab, words]) => expect(tab).toHaveTitle(`${words} · Switchboard`, { timeout: 20_000 })));
  for (const context of contexts) await context.close();
  await server.stop();
});

test("turning to another page keeps the count", async ({ page }) => {
  const server = await startServer({ SIMULATOR_SPEED: "1" });
  await page.goto(server.url);
  await expectHydrated(page);
  const call = await makeCall(server, { phone_number: ringsLong });
  await expect(page).toHaveTitle("(1) Calls · Switchboard");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Settings" }).click();
  await expect(page).toHaveTitle("(1) Settings · Switchboard");
  await hangUp(server, call.id);
  await expect(page).toHaveTitle("Settings · Switchboard", { timeout: 20_000 });
  await server.stop();
});

test("where the stream is blocked, a page's title keeps asking", async ({ page }) => {
  const server = await startServer({ SIMULATOR_SPEED: "1" });
  await page.route("**/api/events?*", (route) => route.abort());
  const call = await makeCall(server, { phone_number: ringsLong });
  await page.goto(`${server.url}/settings`);
  await expect(page).toHaveTitle("(1) Settings · Switchboard", { timeout: 20_000 });
  await hangUp(server, call.id);
  await expect(page).toHaveTitle("Settings · Switchboard", { timeout: 20_000 });
  await server.stop();
});

test("a tab that was opened in the background takes no place in the stream before it is seen", async ({ page, visit }) => {
  const streams = streamsOf(page);
  await hideable(page, true);
  await visit("/");
  await expect(chip(page)).toHaveText(/^(Up to date|Polling)$/);
  expect(streams(), "nothing is followed").toBe(0);
  await hide(page, false);
  await expect(chip(page)).toHaveText("Live");
  expect(streams()).toBe(1);
});

test("a hidden tab gives its stream up to the tab that is opened next", async ({ context, server }) => {
  const [one, other] = [await context.newPage(), await context.newPage()];
  await hideable(one, false);
  await one.goto(server.url);
  await expect(chip(one)).toHaveText("Live");
  await hide(one, true);
  await other.goto(server.url);
  await expect(chip(other)).toHaveText("Live");
  await expect(chip(one)).not.toHaveText("Live");
  await hide(one, false);
  await expect(chip(one)).toHaveText("Live");
  await expect(chip(other), "which is seen as well").toHaveText("Live");
});

test("a tab that stays hidden closes its stream after a minute, then looks once a minute", async ({ page, server }) => {
  await makeCall(server, { delay_secs: 36_000 });
  await page.clock.install();
  await hideable(page, false);
  await page.goto(server.url);
  await expectHydrated(page);
  await expect(chip(page)).toHaveText("Live");
  await hide(page, true);
  await page.clock.fastForward(61_000);
  await expect(chip(page)).toHaveText("Polling");
  const name = someone("Meanwhile");
  await makeCall(server, { customer_name: name, delay_secs: 36_000 });
  await page.clock.fastForward(61_000);
  await expect(rowOf(page, name)).toBeVisible();
  await hide(page, false);
  await expect(chip(page)).toHaveText("Live");
});

/** Ends a call that goes on. */
async function hangUp(server: Server, id: string): Promise<void> {
  const answer = await fetch(`${server.url}/api/calls/${id}/cancel`, { method: "POST" });
  expect(answer.ok).toBe(true);
}

/** Counts from now on how often a page opens a stream. */
function streamsOf(page: Page): () => number {
  let opened = 0;
  page.on("request", (request) => {
    if (request.url().includes("/api/events")) opened += 1;
  });
  return () => opened;
}

/** Lets a test say whether the page is seen: to Playwright's browser every tab is. */
async function hideable(page: Page, hidden: boolean): Promise<void> {
  await page.addInitScript((from) => {
    let isHidden = from;
    Object.defineProperty(Document.prototype, "hidden", { get: () => isHidden });
    addEventListener("hide-for-test", (event) => {
      isHidden = (event as CustomEvent<boolean>).detail;
      document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    });
  }, hidden);
}

async function hide(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((now) => dispatchEvent(new CustomEvent("hide-for-test", { detail: now })), hidden);
}
