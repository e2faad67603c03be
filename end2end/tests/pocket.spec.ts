// The same work on a telephone, a tablet and a desk: by touch where there is no pointer.

import { expect, test } from "../helpers.ts";
import { answered, fillIn, listOf, makeCall, rowOf, someone } from "../pages.ts";
import type { Locator, Page } from "@playwright/test";

test.use({ settings: { NODE_NAME: "pocket" } });

const devices = [
  { name: "a telephone", viewport: { width: 390, height: 844 }, isTouched: true },
  { name: "a tablet", viewport: { width: 768, height: 1024 }, isTouched: true },
  { name: "a desk", viewport: { width: 1440, height: 900 }, isTouched: false },
];

for (const { name, viewport, isTouched } of devices) {
  test.describe(`on ${name}`, () => {
    test.use({ viewport, hasTouch: isTouched, isMobile: isTouched });
    const press = (what: Locator) => (isTouched ? what.tap() : what.click());

    test("a call is asked for in the panel, and comes to its end in its row", async ({ page, visit }) => {
      const who = someone("Panel");
      await visit("/");
      await press(page.getByRole("link", { name: "New call" }).first());
      const panel = page.getByRole("dialog", { name: "New call" });
      await fillIn(panel, { name: who, number: answered, workflow: "Support" });
      await press(panel.getByRole("button", { name: "Create call" }));
      await expect(panel).toBeHidden();
      await expect(rowOf(page, who).getByText("Completed", { exact: true })).toBeVisible({ timeout: 20_000 });
    });

    test("a call that waits is canceled from its menu, and its page tells so", async ({ page, server, visit }) => {
      const call = await makeCall(server, { customer_name: someone("Menu"), delay_secs: 3600 });
      await visit(listOf(call.customer_name));
      const row = rowOf(page, call.customer_name);
      await press(row.getByLabel("More actions"));
      await press(row.getByRole("button", { name: "Cancel", exact: true }));
      await expect(row.getByText("Canceled", { exact: true })).toBeVisible();
      await press(row.getByRole("link", { name: call.customer_name }));
      await expect(page.getByText("Canceled before it went out.", { exact: true })).toBeVisible();
      await page.getByLabel("Note").fill("She will call back.");
      await press(page.getByRole("button", { name: "Add note" }));
      const timeline = page.getByRole("region", { name: "Timeline" });
      await expect(timeline.getByText("She will call back.", { exact: true })).toBeVisible();
      await press(page.getByRole("link", { name: "← Calls" }));
      await expect(row).toBeVisible();
    });

    test("several calls are canceled at once, and it is taken back", async ({ page, server, visit }) => {
      const who = someone("Several");
      for (const nth of ["a", "b"]) await makeCall(server, { customer_name: `${who} ${nth}`, delay_secs: 3600 });
      await visit(listOf(who));
      await press(page.getByRole("checkbox", { name: `Select ${who} a` }));
      await press(page.getByRole("checkbox", { name: `Select ${who} b` }));
      await press(page.getByRole("button", { name: "Cancel 2" }));
      await press(page.getByRole("button", { name: "Undo" }));
      await expect(page.getByRole("button", { name: "Undo" })).toHaveCount(0);
      await press(page.getByRole("link", { name: "Refresh" }));
      await expect(rowOf(page, `${who} a`).getByText("Pending", { exact: true })).toBeVisible();
    });

    test("what can be pressed is large enough", async ({ page, server, visit }) => {
      const call = await makeCall(server, { delay_secs: 3600 });
      const least = isTouched ? 44 : 24;
      for (const path of ["/", `/calls/${call.id}`, "/calls/new", "/insights", "/lab", "/settings"]) {
        await visit(path);
        expect.soft(await tooSmall(page, least), path).toEqual([]);
      }
    });
  });
}

/** The buttons that are smaller than `least` pixels in both directions; links in a text may be as the text is. */
function tooSmall(page: Page, least: number): Promise<string[]> {
  return page.evaluate((pixels) => {
    const all = [...document.querySelectorAll<HTMLElement>("button, summary, .button, input:not([type=hidden]), select")];
    const seen = all.filter((it) => it.checkVisibility({ visibilityProperty: true, opacityProperty: true }));
    const small = seen.filter((it) => {
      const target = it.closest("label") ?? it;
      const { width, height } = target.getBoundingClientRect();
      return width > 1 && (height < pixels || width < pixels);
    });
    return small.map((it) => {
      const { width, height } = it.getBoundingClientRect();
      return `${it.tagName} ${it.className} "${it.textContent?.trim() ?? ""}" ${Math.round(width)}×${Math.round(height)}`;
    });
  }, least);
}
