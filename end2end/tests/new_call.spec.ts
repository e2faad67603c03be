// The form helps while it is being filled in, and never loses what was typed.

import { expect, expectAccessible, expectHydrated, startServer, test } from "../helpers.ts";
import { answered, busy, callsOf, fillIn, makeCall, noonIn, rowOf, someone, wallTime } from "../pages.ts";
import type { Page } from "@playwright/test";

// A server of its own, so that nobody else calls these numbers.
test.use({ settings: { NODE_NAME: "new-call" } });

const number = (page: Page) => page.getByLabel("Phone number");

test("a number is grouped as it is typed, and the caret stays where it was", async ({ page, visit }) => {
  await visit("/calls/new");
  await number(page).pressSequentially("+14155550101");
  await expect(number(page)).toHaveValue("+1 415 555 0101");
  // A digit in the middle is typed where the caret is, and so is the next one.
  await number(page).press("Home");
  for (let step = 0; step < 4; step += 1) await number(page).press("ArrowRight");
  await number(page).press("Delete");
  await number(page).pressSequentially("9");
  await expect(number(page)).toHaveValue("+1 495 555 0101");
  const caret = () => number(page).evaluate((input: HTMLInputElement) => input.selectionStart);
  expect(await caret()).toBe(5);
  await number(page).press("Backspace");
  await expect(number(page)).toHaveValue("+1 455 550 101");
  expect(await caret()).toBe(4);
});

test("groups of one's own are left alone", async ({ page, visit }) => {
  await visit("/calls/new");
  await number(page).pressSequentially("+49 30 123456");
  await expect(number(page)).toHaveValue("+49 30 123456");
  await number(page).fill("");
  await number(page).pressSequentially("(030) 12.34-56");
  await expect(number(page)).toHaveValue("(030) 12.34-56");
});

test("whose number it is stands below it, and goes with the number", async ({ page, visit }) => {
  await visit("/calls/new");
  await number(page).pressSequentially("+493012345");
  await expect(number(page)).toHaveAccessibleDescription(/^Germany, \+49 30 12345/);
  await number(page).fill("");
  await expect(number(page)).toHaveAccessibleDescription(/With \+ and the country code/);
  await page.getByLabel("Country").selectOption("GB");
  await number(page).fill("020 7946 0104");
  await expect(number(page)).toHaveAccessibleDescription(/United Kingdom.*\+44 20 7946 0104/);
});

test("nobody is blamed while they type, and nobody any longer than they are wrong", async ({ page, visit }) => {
  await visit("/calls/new");
  await number(page).pressSequentially("+49");
  await expect(number(page)).not.toHaveAttribute("aria-invalid");
  await page.getByLabel("Customer name").focus();
  await expect(number(page)).toHaveAccessibleDescription(/too short/);
  await number(page).press("End");
  await number(page).pressSequentially("3012345");
  await expect(number(page), "it goes at once, before the field is left").not.toHaveAttribute("aria-invalid");
});

test("an open call to the number is told of before another is made", async ({ page, server, visit }) => {
  const call = await makeCall(server, { phone_number: "+14155557042", scheduled_at: noonIn(2).toISOString() });
  await visit("/calls/new");
  await fillIn(page, { number: "+14155557042" });
  const remark = page.getByRole("listitem").filter({ hasText: "A call to this number already waits" });
  await expect(remark).toContainText(call.customer_name);
  await expect(remark.getByRole("link")).toHaveAttribute("href", `/calls/${call.id}`);
  await expectAccessible(page);
  await fillIn(page, { number: "+14155557043" });
  await expect(remark).toHaveCount(0);
});

test("the wait is told in words before the call is made", async ({ page, visit }) => {
  await visit("/calls/new");
  const words = page.getByText(/^It goes out on/);
  await page.getByLabel("In 15 minutes").check();
  await expect(words).toBeVisible();
  await expect(page.getByText("That is in 15 minutes.")).toBeVisible();
  await expect(page.getByLabel("Time zone")).toBeHidden();
  await page.getByLabel("Tomorrow at 9:00").check();
  await expect(words).toContainText(/, 09:00 in Berlin\.$/);
  await expect(page.getByLabel("Time zone")).toBeVisible();
  await expect(page.getByLabel("Day and time")).toBeHidden();
  await fillIn(page, { at: wallTime(noonIn(3)), zone: "Asia/Kolkata" });
  await expect(words).toContainText(/, 12:00 in Kolkata\.$/);
  await expect(page.getByText(/^That is in \d days/)).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("As soon as possible").check();
  await expect(words).toHaveCount(0);
});

test("a time that is past, skipped or doubled is told so as soon as it is chosen", async ({ page, visit }) => {
  await visit("/calls/new");
  const at = page.getByLabel("Day and time");
  await fillIn(page, { at: wallTime(noonIn(-2)), zone: "Europe/Berlin" });
  await expect(at).toHaveAccessibleDescription(/This time is past/);
  await at.fill(`${lastSunday(2)}T02:30`);
  await at.blur();
  await expect(at).toHaveAccessibleDescription(/There is no such time on that day.*for example 03:30/);
  await at.fill(`${lastSunday(9)}T02:30`);
  await at.blur();
  await expect(page.getByText(/it comes twice that day/)).toBeVisible();
  await expect(at).not.toHaveAttribute("aria-invalid");
});

test("a call in a quarter of an hour is made without typing a time", async ({ page, server, visit }) => {
  const name = someone();
  await visit("/calls/new");
  await fillIn(page, { name, number: answered, workflow: "Reminder" });
  await page.getByLabel("In 15 minutes").check();
  await page.getByRole("button", { name: "Create call" }).click();
  await expect(rowOf(page, name)).toBeVisible();
  const [call] = await callsOf(server, name);
  const wait = new Date(call?.scheduled_at ?? 0).getTime() - Date.now();
  expect(wait).toBeGreaterThan(10 * 60_000);
  expect(wait).toBeLessThanOrEqual(15 * 60_000);
});

test("an earlier customer is offered, and fills in number and workflow", async ({ page, server, visit }) => {
  const name = someone("Grace");
  await makeCall(server, { customer_name: name, phone_number: "+442079460104", workflow: "sales" });
  await visit("/calls/new");
  const field = page.getByLabel("Customer name");
  await field.pressSequentially(name.slice(0, 10).toLowerCase());
  const offered = page.locator(`#customers option[value="${name}"]`);
  await expect(offered).toHaveCount(1);
  await expect(offered).toHaveAttribute("label", `${name}, +44 207 946 0104, Sales`);
  await expect(number(page), "who only types is left alone").toHaveValue("");
  // What a browser does when somebody chooses from its own list, which no test can open.
  await field.evaluate((input: HTMLInputElement, chosen) => {
    input.value = chosen;
    input.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertReplacementText" }));
  }, name);
  await expect(number(page)).toHaveValue("+44 207 946 0104");
  await expect(page.getByRole("combobox", { name: "Workflow" })).toHaveValue("sales");
  await page.getByRole("button", { name: "Create call" }).click();
  await expect(rowOf(page, name)).toHaveCount(2);
});

/** The question about one number, in whichever way its spaces travel. */
const overtaken = /check_call.*2B49(\+|%20)301/;

test("an older answer never takes the place of a newer one", async ({ page, visit }) => {
  await visit("/calls/new");
  // The first question is answered only after the second one has been.
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route(overtaken, async (route) => {
    await held;
    await route.continue();
  });
  const first = page.waitForRequest(overtaken);
  await number(page).fill("+4930123456");
  await first;
  await number(page).fill("+442079460104");
  await expect(number(page)).toHaveAccessibleDescription(/United Kingdom/);
  const answer = page.waitForResponse(overtaken);
  release();
  await (await answer).finished();
  await expect(number(page)).toHaveAccessibleDescription(/United Kingdom/);
});

for (const path of ["/calls/new", "/"]) {
  test.describe(path === "/" ? "in the panel" : "on its page", () => {
    /** The form: the list behind the panel has a field for workflows of its own. */
    const open = async (page: Page) => {
      if (path === "/") await page.getByRole("link", { name: "New call" }).first().click();
      const form = path === "/" ? page.getByRole("dialog") : page.getByRole("main");
      await expect(form.getByLabel("Customer name")).toBeVisible();
      return form;
    };

    test("what was typed is there again after a reload, until it is sent or thrown away", async ({ page, visit }) => {
      const name = someone();
      await visit(path);
      const form = await open(page);
      await fillIn(form, { name, number: answered, workflow: "Sales", at: wallTime(noonIn(4)), zone: "Asia/Tokyo" });
      await visit(path);
      const again = await open(page);
      await expect(again.getByText("what you typed before and did not send")).toBeVisible();
      await expect(page.getByLabel("Customer name")).toHaveValue(name);
      await expect(number(page)).toHaveValue("+1 415 555 0101");
      await expect(again.getByRole("combobox", { name: "Workflow" })).toHaveValue("sales");
      await expect(page.getByLabel("At a time")).toBeChecked();
      await expect(page.getByLabel("Day and time")).toHaveValue(wallTime(noonIn(4)));
      await expect(page.getByLabel("Time zone")).toHaveValue("Asia/Tokyo");
      await expectAccessible(page);

      await page.getByRole("button", { name: "Start over" }).click();
      await expect(page.getByLabel("Customer name")).toHaveValue("");
      await expect(page.getByLabel("As soon as possible")).toBeChecked();
      await expect(page.getByLabel("Time zone")).toHaveValue("Europe/Berlin");
      await visit(path);
      await open(page);
      await expect(page.getByLabel("Customer name")).toHaveValue("");
    });

    test("sent, it is seen at once and not offered again", async ({ page, server, visit }) => {
      const name = someone();
      await visit(path);
      const form = await open(page);
      await fillIn(form, { name, number: busy, workflow: "Support" });
      await page.getByRole("button", { name: "Create call" }).click();
      await expect(rowOf(page, name)).toBeVisible();
      await visit(path);
      await open(page);
      await expect(page.getByLabel("Customer name")).toHaveValue("");
      expect(await callsOf(server, name)).toHaveLength(1);
    });
  });
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without any", () => {
    test.use({ javaScriptEnabled });

    test("a whole sample call is a press away, and another places it", async ({ page, visit }) => {
      await visit("/calls/new");
      await page.getByRole("link", { name: "Fill in a whole sample call" }).click();
      await expect(page.getByLabel("Customer name")).toHaveValue("Ada Lovelace");
      await expect(number(page)).toHaveValue("+1 415 555 0101");
      await page.getByRole("button", { name: "Create call" }).click();
      await expect(rowOf(page, "Ada Lovelace").first()).toBeVisible();
    });
  });
}

test("two tabs keep two drafts", async ({ page, context, server, visit }) => {
  await visit("/calls/new");
  await fillIn(page, { name: "Ada in the first tab" });
  const other = await context.newPage();
  await other.goto(`${server.url}/calls/new`);
  await expectHydrated(other);
  await expect(other.getByLabel("Customer name")).toHaveValue("");
  await other.getByLabel("Customer name").fill("Grace in the second tab");
  await page.reload();
  await expect(page.getByLabel("Customer name")).toHaveValue("Ada in the first tab");
  await other.reload();
  await expect(other.getByLabel("Customer name")).toHaveValue("Grace in the second tab");
});

test.describe("while the server is away", () => {
  test.use({ expectedErrors: /ERR_CONNECTION_(REFUSED|RESET)|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING/ });

  test("nothing that was typed is lost, and sent again it makes one call", async ({ page }) => {
    const fragile = await startServer();
    try {
      const name = someone();
      await page.goto(`${fragile.url}/calls/new`);
      await expect(page.locator("html")).toHaveAttribute("data-hydrated", "");
      await fillIn(page, { name, number: answered, workflow: "Support" });
      await fragile.crash();
      await page.getByRole("button", { name: "Create call" }).click();
      await expect(page.getByRole("alert")).toContainText("could not be reached");
      await expect(page.getByLabel("Customer name")).toHaveValue(name);
      await fragile.restart();
      await page.reload();
      await expect(page.getByLabel("Customer name")).toHaveValue(name);
      await page.getByRole("button", { name: "Create call" }).click();
      await expect(rowOf(page, name)).toBeVisible();
      expect(await callsOf(fragile, name)).toHaveLength(1);
    } finally {
      await fragile.stop();
    }
  });
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a choice of when needs no typing, and shows the fields that it needs", async ({ page, server, visit }) => {
    const name = someone();
    await visit("/calls/new");
    await expect(page.getByLabel("Day and time")).toBeHidden();
    await page.getByLabel("Tomorrow at 9:00").check();
    await expect(page.getByLabel("Day and time")).toBeHidden();
    await fillIn(page, { name, number: answered, workflow: "Reminder", zone: "Asia/Kolkata" });
    await page.getByRole("button", { name: "Create call" }).click();
    await expect(rowOf(page, name)).toBeVisible();
    const [call] = await callsOf(server, name);
    expect(call?.scheduled_at, "nine in India").toMatch(/T03:30:00\.000Z$/);
  });
});

for (const width of [390, 768, 1440]) {
  test(`the form fits ${width} pixels with everything it says`, async ({ page, server, visit }) => {
    await page.setViewportSize({ width, height: 900 });
    await makeCall(server, { phone_number: "+14155557044", scheduled_at: noonIn(2).toISOString() });
    await visit("/calls/new");
    await fillIn(page, { name: "Ada", number: "+14155557044", at: wallTime(noonIn(3)), zone: "UTC" });
    await expect(page.getByText("A call to this number already waits").first()).toBeVisible();
    const tooWide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    expect(tooWide).toBe(false);
    await expectAccessible(page);
  });
}

/** The last Sunday of a month (from 0) of next year: when clocks change in Europe. */
function lastSunday(month: number): string {
  const day = new Date(Date.UTC(new Date().getUTCFullYear() + 1, month + 1, 0));
  day.setUTCDate(day.getUTCDate() - day.getUTCDay());
  return day.toISOString().slice(0, 10);
}
