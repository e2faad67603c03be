// The list as a desk to work at: many calls at once, keys, views, and rows that hold still.

import { expect, test } from "../helpers.ts";
import { callsOf, countDocuments, listOf, makeCall, noonIn, rowOf, rows, someone } from "../pages.ts";
import type { Page } from "@playwright/test";

const scheduled_at = noonIn(4).toISOString();

/** Calls of one customer that wait for a day to come. */
async function waiting(server: Parameters<typeof makeCall>[0], names: string[]): Promise<void> {
  for (const customer_name of names) await makeCall(server, { customer_name, scheduled_at });
}

function box(page: Page, name: string) {
  return page.getByRole("checkbox", { name: `Select ${name}` });
}

test.describe("several calls at once", () => {
  test("they are canceled five seconds after it was asked", async ({ page, server, visit }) => {
    const who = someone("Bulk");
    await waiting(server, [`${who} a`, `${who} b`, `${who} c`]);
    await visit(listOf(who));
    await box(page, `${who} a`).check();
    await box(page, `${who} b`).check();
    await expect(page.getByText("2 calls selected")).toBeVisible();
    await page.getByRole("button", { name: "Cancel 2" }).click();
    await expect(page.getByText("Cancel: 2 calls, in 5 seconds")).toBeVisible();
    await expect(page.getByRole("button", { name: "Undo" })).toBeFocused();
    await expect(rowOf(page, `${who} a`).getByText("Pending", { exact: true })).toBeVisible();
    await expect(rowOf(page, `${who} a`).getByText("Canceled", { exact: true })).toBeVisible({ timeout: 15_000 });
    await expect(rowOf(page, `${who} b`).getByText("Canceled", { exact: true })).toBeVisible();
    await expect(rowOf(page, `${who} c`).getByText("Pending", { exact: true })).toBeVisible();
  });

  test("what was asked is taken back in time", async ({ page, server, visit }) => {
    const who = someone("Undone");
    await waiting(server, [`${who} a`, `${who} b`]);
    await visit(listOf(who));
    await page.getByRole("checkbox", { name: "Select all calls on this page" }).check();
    await expect(page.getByText("2 calls selected")).toBeVisible();
    const sent: string[] = [];
    page.on("request", (request) => void sent.push(request.url()));
    await page.getByRole("button", { name: "Delete 2" }).click();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(page.getByRole("button", { name: "Undo" })).toHaveCount(0);
    await page.getByRole("button", { name: "Clear" }).click();
    await expect(box(page, `${who} a`)).not.toBeChecked();
    // The next question is one of the page's own; the deletion would have come before it.
    await page.getByRole("link", { name: "Refresh" }).click();
    await expect(rows(page)).toHaveCount(2);
    expect(sent.filter((url) => url.includes("act_on_calls"))).toEqual([]);
  });

  test("who goes to another page has meant it", async ({ page, server, visit }) => {
    const who = someone("Leaving");
    await waiting(server, [`${who} a`]);
    await visit(listOf(who));
    await box(page, `${who} a`).check();
    await page.getByRole("button", { name: "Cancel 1" }).click();
    await rowOf(page, `${who} a`).getByRole("link", { name: who }).click();
    await expect(page.getByText("Canceled before it went out.", { exact: true })).toBeVisible();
  });

  test("who closes the tab has meant it", async ({ page, server, visit }) => {
    const who = someone("Closing");
    await waiting(server, [`${who} a`]);
    await visit(listOf(who));
    await box(page, `${who} a`).check();
    await page.getByRole("button", { name: "Cancel 1" }).click();
    await expect(page.getByText("Cancel: 1 call, in 5 seconds")).toBeVisible();
    await page.close({ runBeforeUnload: true });
    await expect.poll(async () => (await callsOf(server, who))[0]?.status).toBe("canceled");
  });

  test("only what fits is offered, and shift takes a range", async ({ page, server, visit }) => {
    const who = someone("Range");
    await waiting(server, ["1", "2", "3", "4"].map((n) => `${who} ${n}`));
    await visit(listOf(who));
    await box(page, `${who} 4`).click();
    await box(page, `${who} 2`).click({ modifiers: ["Shift"] });
    await expect(page.getByText("3 calls selected")).toBeVisible();
    await expect(page.getByRole("button", { name: "Retry" })).toBeDisabled();
    await expect(page.getByRole("button", { name: "Call now 3" })).toBeEnabled();
  });

  test.describe("without JavaScript", () => {
    test.use({ javaScriptEnabled: false });

    test("the boxes and the buttons are a form", async ({ page, server, visit }) => {
      const who = someone("Plain");
      await waiting(server, [`${who} a`, `${who} b`]);
      await visit(listOf(who));
      await box(page, `${who} a`).check();
      await box(page, `${who} b`).check();
      await page.getByRole("form", { name: "Selected calls" }).getByRole("button", { name: "Cancel" }).click();
      await expect(rowOf(page, `${who} a`).getByText("Canceled", { exact: true })).toBeVisible();
      await expect(rowOf(page, `${who} b`).getByText("Canceled", { exact: true })).toBeVisible();
    });

    test("what can't be done is told, with its reason", async ({ page, server, visit }) => {
      const who = someone("Refused");
      await waiting(server, [`${who} a`, `${who} b`]);
      await visit(listOf(who));
      await box(page, `${who} a`).check();
      await page.getByRole("form", { name: "Selected calls" }).getByRole("button", { name: "Retry" }).click();
      await expect(page.getByRole("alert")).toContainText(`0 of 1 done. ${who} a:`);
    });
  });
});

test.describe("keys", () => {
  test("j and k walk over the rows, x selects, enter opens, escape clears", async ({ page, server, visit }) => {
    const who = someone("Keys");
    await waiting(server, [`${who} 1`, `${who} 2`]);
    await visit(listOf(who));
    const documents = countDocuments(page);
    await page.keyboard.press("j");
    await expect(page.getByRole("link", { name: `${who} 2` })).toBeFocused();
    await page.keyboard.press("j");
    await expect(page.getByRole("link", { name: `${who} 1` })).toBeFocused();
    await page.keyboard.press("x");
    await expect(box(page, `${who} 1`)).toBeChecked();
    await page.keyboard.press("k");
    await expect(page.getByRole("link", { name: `${who} 2` })).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(box(page, `${who} 1`)).not.toBeChecked();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: `${who} 2` })).toBeVisible();
    expect(documents(), "documents loaded").toBe(0);
  });

  test("the sheet of keys opens with one of them, on every page", async ({ page, visit }) => {
    await visit("/calls/new");
    await page.getByRole("heading", { level: 1 }).click();
    await page.keyboard.press("?");
    const sheet = page.getByRole("dialog", { name: "Keyboard" });
    await expect(sheet.getByText("Select the call")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(sheet).toBeHidden();
  });
});

test("a view is kept under a name, opened again, and forgotten", async ({ page, visit }) => {
  await visit("/?phase=failed&workflow=sales");
  await page.getByText("Views", { exact: true }).click();
  await page.getByLabel("Name of this view").fill("Lost sales");
  await page.getByRole("button", { name: "Save view" }).click();
  await visit("/");
  await page.getByText("Views", { exact: true }).click();
  await page.getByRole("link", { name: "Lost sales" }).click();
  await expect(page).toHaveURL(/\?phase=failed&workflow=sales$/);
  await expect(page.getByRole("combobox", { name: "Workflow" })).toHaveValue("sales");
  await page.reload();
  await page.getByText("Views", { exact: true }).click();
  await page.getByRole("button", { name: "Forget the view Lost sales" }).click();
  await expect(page.getByRole("link", { name: "Lost sales" })).toHaveCount(0);
});

test("order and days are filters like the others: in the address, kept by back and reload", async ({ page, server, visit }) => {
  const who = someone("Order");
  await makeCall(server, { customer_name: `${who} late`, scheduled_at: noonIn(6).toISOString() });
  await makeCall(server, { customer_name: `${who} soon`, scheduled_at: noonIn(3).toISOString() });
  await makeCall(server, { customer_name: `${who} next`, scheduled_at: noonIn(5).toISOString() });
  await visit(listOf(who));
  await expect(rows(page).first()).toContainText("next");
  await page.getByText("More", { exact: true }).click();
  await page.getByLabel("Order", { exact: true }).selectOption("Going out next");
  await expect(page).toHaveURL(/sort=due/);
  await expect(rows(page).first()).toContainText("soon");
  await page.goBack();
  await expect(page).not.toHaveURL(/sort=due/);
  await expect(page.getByLabel("Order", { exact: true })).toHaveValue("");
  await expect(rows(page).first()).toContainText("next");
  await page.goForward();
  await expect(rows(page).first()).toContainText("soon");
  await page.reload();
  await expect(rows(page).first()).toContainText("soon");
  await page.getByText("More (1)", { exact: true }).click();
  await page.getByLabel("Asked for from").fill(noonIn(1).toISOString().slice(0, 10));
  await expect(page.getByRole("heading", { name: /No call's name or number starts with/ })).toBeVisible();
  await expect(page).toHaveURL(/created_from=/);
});

test("the file holds what the list shows", async ({ page, server, visit }) => {
  const who = someone("File");
  await waiting(server, [`${who} a`, `${who} b`]);
  await makeCall(server, { scheduled_at });
  await visit(listOf(who));
  const href = await page.getByRole("link", { name: "Download as CSV" }).getAttribute("href");
  const file = await (await page.request.get(`${server.url}${href}`)).text();
  expect(file.split("\r\n").filter((line) => line.includes(who))).toHaveLength(2);
  expect(file.trimEnd().split("\r\n")).toHaveLength(3);
});

test("under the pointer and the focus no row moves; what is new waits behind a button", async ({ page, server, visit }) => {
  const who = someone("Still");
  await waiting(server, [`${who} 1`]);
  await visit(listOf(who));
  await rowOf(page, `${who} 1`).hover();
  await waiting(server, [`${who} 2`, `${who} 3`]);
  await expect(page.getByRole("button", { name: "2 new calls" })).toBeVisible();
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole("heading", { level: 1 }).hover();
  await expect(rows(page)).toHaveCount(3);

  await page.keyboard.press("j");
  await expect(page.getByRole("link", { name: `${who} 3` })).toBeFocused();
  await waiting(server, [`${who} 4`]);
  await page.getByRole("button", { name: "1 new call" }).click();
  await expect(rows(page)).toHaveCount(4);
});

test("a notice that placing was stopped waits until it moves nothing under the pointer", async ({ page, server, visit }) => {
  const pause = async (paused: boolean) => {
    expect((await page.request.put(`${server.url}/api/dispatch`, { data: { paused } })).ok()).toBe(true);
  };
  const who = someone("Stopped");
  await waiting(server, [`${who} 1`]);
  await visit(listOf(who));
  await rowOf(page, `${who} 1`).hover();
  const before = await rowOf(page, `${who} 1`).boundingBox();
  await pause(true);
  await waiting(server, [`${who} 2`]);
  await expect(page.getByRole("button", { name: "1 new call" })).toBeVisible();
  expect((await rowOf(page, `${who} 1`).boundingBox())?.y).toBe(before?.y);
  const notice = page.getByText("No call goes out now");
  await expect(notice).toHaveCount(0);
  await page.getByRole("heading", { level: 1 }).hover();
  await expect(notice).toBeVisible();
  await pause(false);
});
