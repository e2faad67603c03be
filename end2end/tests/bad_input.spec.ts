// What is wrong with a form is said beside each field and on top, and what was typed stays.

import { expect, test } from "../helpers.ts";
import { answered, callsOf, fillIn, inGroups, makeCall, noonIn, someone, wallTime, type Typed } from "../pages.ts";
import type { Page } from "@playwright/test";

// The browser itself prints a line for each answer that is an error, as these are meant to be.
test.use({ expectedErrors: /status of 422/ });

const good: Typed = { name: "Ada Lovelace", number: answered, workflow: "support" };

interface Mistake {
  what: string;
  typed: Typed;
  /** Each field's label, and what is said beside it. */
  says: Record<string, RegExp>;
}

const mistakes: Mistake[] = [
  {
    what: "an empty form",
    typed: {},
    says: {
      "Customer name": /Enter the customer's name/,
      "Phone number": /Enter a phone number/,
      Workflow: /Choose why you call/,
    },
  },
  {
    what: "a name that is too long",
    typed: { ...good, name: "A".repeat(201) },
    says: { "Customer name": /too long: at most 200 characters/ },
  },
  {
    what: "words for a number",
    typed: { ...good, number: "call me <b>maybe</b>" },
    says: { "Phone number": /A phone number has digits/ },
  },
  {
    what: "a number without a country",
    typed: { ...good, number: "030 123456", country: "" },
    says: { "Phone number": /Start with \+ and the country code/ },
  },
  {
    what: "a number that is too short",
    typed: { ...good, number: "+49 30 1" },
    says: { "Phone number": /too short: it needs at least 7 digits/ },
  },
  {
    what: "a number that is too long",
    typed: { ...good, number: "+1234567890123456" },
    says: { "Phone number": /too long: at most 15 digits/ },
  },
  {
    what: "no time for later",
    typed: { ...good, at: "" },
    says: { "Day and time": /Choose a day and a time/ },
  },
  {
    what: "a time that is past",
    typed: { ...good, at: wallTime(noonIn(-2)), zone: "UTC" },
    says: { "Day and time": /This time is past/ },
  },
  {
    what: "a time too far ahead",
    typed: { ...good, at: wallTime(noonIn(6 * 366)), zone: "UTC" },
    says: { "Day and time": /too far ahead: at most five years/ },
  },
  {
    what: "a time that the clocks skip",
    typed: { ...good, at: `${lastSundayOfMarch()}T02:30`, zone: "Europe/Berlin" },
    says: { "Day and time": /There is no such time on that day/ },
  },
  {
    what: "mistakes in every field at once",
    // Whether a time is past is for the server to say, and a form that is wrong in plain sight is not sent.
    typed: { name: "B".repeat(300), number: "12", country: "", workflow: "", at: "", zone: "Asia/Tokyo" },
    says: {
      "Customer name": /too long/,
      "Phone number": /Start with \+/,
      Workflow: /Choose why you call/,
      "Day and time": /Choose a day and a time/,
    },
  },
];

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });

    for (const { what, typed, says } of mistakes) {
      test(`${what} is named`, async ({ page, visit }) => {
        await visit("/calls/new");
        await fillIn(page, typed);
        await page.getByRole("button", { name: "Create call" }).click();
        await expectMistakes(page, says);
        await expectTyped(page, typed);
      });
    }

    test("a link of the summary leads to its field", async ({ page, visit }) => {
      await visit("/calls/new");
      await fillIn(page, { ...good, number: "nonsense" });
      await page.getByRole("button", { name: "Create call" }).click();
      await page.getByRole("alert").getByRole("link", { name: /A phone number has digits/ }).click();
      if (javaScriptEnabled) await expect(page.getByLabel("Phone number")).toBeFocused();
      else await expect(page).toHaveURL(/#phone_number$/);
      await expect(page.getByLabel("Phone number")).toBeInViewport();
    });

    test("mended, the form makes one call", async ({ page, server, visit }) => {
      const name = someone();
      await visit("/calls/new");
      await fillIn(page, { ...good, name, number: "030 123456", country: "" });
      await page.getByRole("button", { name: "Create call" }).click();
      await expect(page.getByRole("alert")).toBeVisible();
      await page.getByLabel("Country").selectOption("DE");
      await page.getByRole("button", { name: "Create call" }).click();
      await expect(page.getByRole("link", { name })).toBeVisible();
      const calls = await callsOf(server, name);
      expect(calls.map((call) => call.phone_number)).toEqual(["+4930123456"]);
    });

    test("what is wrong with a change is named too, and the call stays as it is", async ({ page, server, visit }) => {
      const call = await makeCall(server, { scheduled_at: noonIn(2).toISOString() });
      await visit(`/calls/${call.id}/edit`);
      const typed = { name: " ", number: "nonsense" };
      await fillIn(page, typed);
      await page.getByRole("button", { name: "Save" }).click();
      await expectMistakes(page, { "Customer name": /Enter the customer's name/, "Phone number": /has digits/ });
      await expectTyped(page, typed);
      const [unchanged] = await callsOf(server, call.customer_name);
      expect(unchanged).toMatchObject({ phone_number: call.phone_number });
    });
  });
}

test("a field that is left says at once what is wrong, and stops when it is mended", async ({ page, visit }) => {
  await visit("/calls/new");
  const number = page.getByLabel("Phone number");
  await number.fill("12");
  await number.blur();
  await expect(number).toHaveAccessibleDescription(/Start with \+ and the country code/);
  await number.fill(answered);
  await number.blur();
  await expect(number).not.toHaveAttribute("aria-invalid", "true");
});

test("the panel names mistakes as the page does, and stays open", async ({ page, visit }) => {
  await visit("/");
  await page.keyboard.press("c");
  const panel = page.getByRole("dialog", { name: "New call" });
  await fillIn(panel, { name: "Ada", number: "nonsense" });
  await panel.getByRole("button", { name: "Create call" }).click();
  await expect(panel.getByRole("alert")).toContainText("There is a problem");
  await expect(panel.getByLabel("Phone number")).toHaveValue("nonsense");
  await expect(panel.getByLabel("Phone number")).toHaveAccessibleDescription(/A phone number has digits/);
});

async function expectMistakes(page: Page, says: Mistake["says"]): Promise<void> {
  const summary = page.getByRole("alert");
  await expect(summary).toContainText("There is a problem");
  await expect(summary.getByRole("link")).toHaveCount(Object.keys(says).length);
  for (const [label, words] of Object.entries(says)) {
    await expect(summary.getByRole("link", { name: words })).toBeVisible();
    await expect(page.getByLabel(label, { exact: true })).toHaveAccessibleDescription(words);
    await expect(page.getByLabel(label, { exact: true })).toHaveAttribute("aria-invalid", "true");
  }
  // A field that is right is not blamed.
  await expect(page.locator("[aria-invalid=true]")).toHaveCount(Object.keys(says).length);
}

async function expectTyped(page: Page, typed: Typed): Promise<void> {
  if (typed.name !== undefined) await expect(page.getByLabel("Customer name")).toHaveValue(typed.name);
  if (typed.number !== undefined) await expect(page.getByLabel("Phone number")).toHaveValue(inGroups(typed.number));
  if (typed.workflow !== undefined) await expect(page.getByLabel("Workflow")).toHaveValue(typed.workflow);
  if (typed.at !== undefined) {
    await expect(page.getByLabel("At a time")).toBeChecked();
    await expect(page.getByLabel("Day and time")).toHaveValue(typed.at);
  }
  if (typed.zone !== undefined) await expect(page.getByLabel("Time zone")).toHaveValue(typed.zone);
}

/** The day on which clocks go forward in Europe next year. */
function lastSundayOfMarch(): string {
  const day = new Date(Date.UTC(new Date().getUTCFullYear() + 1, 2, 31));
  day.setUTCDate(31 - day.getUTCDay());
  return day.toISOString().slice(0, 10);
}
