// A call goes out and is watched, from the form to its end.

import { expect, test } from "../helpers.ts";
import { answered, countDocuments, fillIn, listOf, makeCall, ringsLong, rowOf, someone } from "../pages.ts";
import type { Locator, Page } from "@playwright/test";

// At the speed of life every status lasts for two seconds or more, twice as long as the page waits between looks.
test.use({ settings: { SIMULATOR_SPEED: "1" } });

const everyStatus = ["Initiated", "Ringing", "In progress", "Completed"];

test("created in the panel, it goes through every status in its row without a reload", async ({ page, visit }) => {
  await visit("/");
  const documents = countDocuments(page);
  const name = someone();
  // Elsewhere "New call" is also said where there is no call yet, so the shortcut opens the panel.
  await page.keyboard.press("c");
  const panel = page.getByRole("dialog", { name: "New call" });
  await fillIn(panel, { name, number: answered, workflow: "Support" });
  await panel.getByRole("button", { name: "Create call" }).click();
  await expect(panel).toBeHidden();

  const row = rowOf(page, name);
  const seen = await collectStatuses(row);
  await expect(page, "the tab says how many are under way").toHaveTitle("(1) Calls · Switchboard");
  await expect(row.getByText("Completed", { exact: true })).toBeVisible({ timeout: 20_000 });
  await expect(page).toHaveTitle("Calls · Switchboard");
  expect(await seen()).toEqual(expect.arrayContaining(everyStatus));
  await expect(page.getByRole("status")).toHaveText("Live");
  expect(documents(), "documents loaded").toBe(0);
});

test("its own page follows it, with a timeline that grows", async ({ page, server, visit }) => {
  const call = await makeCall(server, { delay_secs: 2 });
  await visit(`/calls/${call.id}`);
  const documents = countDocuments(page);
  const heading = page.getByRole("main");
  await expect(heading.getByText("It waits.")).toBeVisible();
  await expect(heading.getByText(/^Waits for /)).toBeVisible();

  const timeline = page.getByRole("region", { name: "Timeline" });
  for (const line of ["The provider has taken it", "Reports ringing", "Reports in progress", "Reports completed"]) {
    await expect(timeline.getByText(line)).toBeVisible({ timeout: 15_000 });
  }
  await expect(heading.getByText("It was answered and came to its end.", { exact: true })).toBeVisible();
  await expect(page).toHaveTitle(`${call.customer_name}: Completed · Switchboard`);
  await expect(page.getByRole("region", { name: "Attempts" }).getByText("5\u00a0s")).toBeVisible();
  expect(documents(), "documents loaded").toBe(0);
});

test("a change is announced politely", async ({ page, server, visit }) => {
  const call = await makeCall(server, { delay_secs: 3600 });
  await visit(listOf(call.customer_name));
  const announcement = page.locator("[aria-live=polite]").filter({ hasText: `${call.customer_name}: Canceled.` });
  await expect(announcement).toHaveCount(0);
  expect((await page.request.post(`${server.url}/api/calls/${call.id}/cancel`)).ok()).toBe(true);
  await expect(announcement).toHaveCount(1, { timeout: 15_000 });
});

test("whoever asks for less motion sees nothing move", async ({ page, server, visit }) => {
  const call = await makeCall(server, { phone_number: ringsLong });
  await page.emulateMedia({ reducedMotion: "reduce" });
  await visit(listOf(call.customer_name));
  await expect(rowOf(page, call.customer_name).getByText("Ringing", { exact: true })).toBeVisible();
  expect(await longestMotion(page)).toBeLessThan(0.001);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  expect(await longestMotion(page), "others see that it rings").toBeGreaterThan(1);
});

/** How long the longest animation or transition of anything on a page takes, in seconds. */
function longestMotion(page: Page): Promise<number> {
  return page.evaluate(() => {
    const parts = [null, "::before", "::after"];
    const styles = [...document.querySelectorAll("*")].flatMap((it) => parts.map((part) => getComputedStyle(it, part)));
    const durations = styles.flatMap((style) => `${style.animationDuration},${style.transitionDuration}`.split(","));
    return Math.max(...durations.map(parseFloat));
  });
}

/** Writes down each status that a row shows from now on; a look now and then from outside could miss one. */
async function collectStatuses(row: Locator): Promise<() => Promise<string[]>> {
  const statuses = await row.evaluateHandle((element) => {
    const seen: string[] = [];
    const look = () => {
      const status = element.querySelector(".status-badge")?.textContent ?? "";
      if (seen.at(-1) !== status) seen.push(status);
    };
    look();
    new MutationObserver(look).observe(element, { subtree: true, childList: true, characterData: true });
    return seen;
  });
  return () => statuses.jsonValue();
}
