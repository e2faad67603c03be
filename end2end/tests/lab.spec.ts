// The lab: call a number by a click, have something go wrong, see it on the page, and set it right again.

import type { Page } from "@playwright/test";
import { expect, expectAccessible, startServer, test } from "../helpers.ts";
import { answered, busy, endOf, makeCall, someone } from "../pages.ts";

test.use({ settings: { NODE_NAME: "lab", SIMULATOR_SPEED: "20" } });
// Faults hold for every call of the server, so the stories are told one after another.
test.describe.configure({ mode: "serial" });

const sent = (page: Page) => page.getByRole("region", { name: "What the simulator sent" });
const faults = (page: Page) => page.getByRole("region", { name: "Faults" });

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with scripts" : "without scripts", () => {
    // The browser prints a line for an answer that refuses a form.
    test.use({ javaScriptEnabled, expectedErrors: /status of (409|422)/ });

    /** Looks until it is there: by itself with scripts, by asking again without them. */
    const becomes = async (page: Page, look: () => Promise<void>) => {
      await expect(async () => {
        if (!javaScriptEnabled) await page.goto("/lab");
        await look();
      }).toPass({ timeout: 20_000 });
    };

    test("a number is called by a click, and its callbacks are shown", async ({ page, visit }) => {
      await visit("/");
      await page.getByRole("link", { name: "Lab", exact: true }).click();
      await page.getByRole("button", { name: /^Call \+14155550102, which is busy/ }).click();
      await expect(page).toHaveURL(/\/calls\/[0-9a-f-]{36}$/);
      await expect(page.getByRole("heading", { level: 1, name: "Lab 02: is busy" })).toBeVisible();
      await page.getByRole("link", { name: "Lab", exact: true }).click();
      await becomes(page, async () => {
        await expect(sent(page).getByText("Taken").first()).toBeVisible({ timeout: 2_000 });
        await expect(sent(page).getByText("busy", { exact: true }).first()).toBeVisible({ timeout: 2_000 });
      });
      await sent(page).getByText("Payload").first().click();
      await expect(sent(page).getByText(/webhook-signature: v1,/).first()).toBeVisible();
      await expect(sent(page).getByText('"status":"busy"').first()).toBeVisible();
      await sent(page).getByRole("link", { name: busy }).first().click();
      await expect(page.getByRole("heading", { level: 1, name: "Lab 02: is busy" })).toBeVisible();
    });

    test("a fault is switched on, seen and switched off", async ({ page, server, visit }) => {
      await visit("/lab");
      await expect(faults(page).getByText("Nothing goes wrong by order.")).toBeVisible();
      await faults(page).getByLabel("What goes wrong").selectOption("Callbacks are wrongly signed");
      await faults(page).getByLabel("Number").fill("+1 415 555 0104");
      await faults(page).getByRole("button", { name: "Switch on" }).click();
      await expect(faults(page).getByText("+14155550104", { exact: true })).toBeVisible();
      await makeCall(server, { customer_name: someone(), phone_number: "+14155550104" });
      await becomes(page, async () => {
        await expect(sent(page).getByText("Not taken").first()).toBeVisible({ timeout: 2_000 });
        await expect(sent(page).getByText(/answered 403/).first()).toBeVisible({ timeout: 2_000 });
      });
      await faults(page).getByRole("button", { name: /^Switch off: Callbacks are wrongly signed/ }).click();
      await expect(faults(page).getByText("Nothing goes wrong by order.")).toBeVisible();

      await faults(page).getByLabel("What goes wrong").selectOption("Each callback comes twice");
      await faults(page).getByLabel("Next calls").fill("1");
      await faults(page).getByRole("button", { name: "Switch on" }).click();
      await expect(faults(page).getByText("every number, the next call")).toBeVisible();
      const call = await makeCall(server, { customer_name: someone(), phone_number: busy });
      await endOf(server, call.id);
      await becomes(page, async () => {
        await expect(sent(page).getByText("Payload and 2 sendings").first()).toBeVisible({ timeout: 2_000 });
        await expect(faults(page).getByText("Nothing goes wrong by order.")).toBeVisible({ timeout: 2_000 });
      });
    });

    test("a number is told what to do, and the speed is changed", async ({ page, server, visit }) => {
      await visit("/lab");
      const outcomes = page.getByRole("region", { name: "Outcomes" });
      await outcomes.getByLabel("A call").selectOption("is busy");
      await outcomes.getByLabel("Number").fill(answered);
      await outcomes.getByRole("button", { name: "Set outcome" }).click();
      await expect(outcomes.getByText("A call is busy")).toBeVisible();
      const call = await makeCall(server);
      expect(await endOf(server, call.id)).toBe("busy");
      await outcomes.getByRole("button", { name: /^Forget: A call is busy/ }).click();
      await expect(outcomes.getByText("Every number does what it does by itself.")).toBeVisible();

      const speed = page.getByRole("region", { name: "Speed" });
      await speed.getByLabel("Calls from now on").fill("40");
      await speed.getByRole("button", { name: "Change" }).click();
      await expect(speed.getByText("40 times as fast as life")).toBeVisible();
      await speed.getByLabel("Calls from now on").fill("20");
      await speed.getByRole("button", { name: "Change" }).click();
      await expect(speed.getByText("20 times as fast as life")).toBeVisible();
    });

    test("what makes no sense is refused in words", async ({ page, visit }) => {
      await visit("/lab");
      await faults(page).getByLabel("Number").fill("12");
      await faults(page).getByRole("button", { name: "Switch on" }).click();
      await expect(page.getByRole("alert")).toContainText("write + and 7 to 15 digits");
      await expect(faults(page).getByText("Nothing goes wrong by order.")).toBeVisible();
    });
  });
}

test("axe finds nothing, in light or dark", async ({ page, server, visit }) => {
  const call = await makeCall(server);
  await endOf(server, call.id);
  await visit("/lab");
  await faults(page).getByRole("button", { name: "Switch on" }).click();
  await faults(page).getByRole("button", { name: "Switch on" }).click();
  await expect(faults(page).getByRole("button", { name: "Switch all off" })).toBeVisible();
  await sent(page).getByText("Payload").first().click();
  await expectAccessible(page);
  await faults(page).getByRole("button", { name: "Switch all off" }).click();
  await expect(faults(page).getByText("Nothing goes wrong by order.")).toBeVisible();
});

test("where another company dials, the lab says so", async ({ page }) => {
  const other = await startServer({ PROVIDER_URL: "http://127.0.0.1:9" });
  try {
    await page.goto(`${other.url}/lab`);
    await expect(page.getByRole("heading", { name: "Another company is the provider" })).toBeVisible();
    await expectAccessible(page);
  } finally {
    // A page that is still open would go on asking, and complain.
    await page.close();
    await other.stop();
  }
});
