// However often a form is sent, it makes one call.

import { expect, test } from "../helpers.ts";
import { answered, callsOf, fillIn, rowOf, someone } from "../pages.ts";

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });

    test("a double click on the button makes one call", async ({ page, server, visit }) => {
      const name = someone();
      await visit("/calls/new");
      await fillIn(page, { name, number: answered, workflow: "Support" });
      await page.getByRole("button", { name: "Create call" }).dblclick();
      await expect(rowOf(page, name)).toHaveCount(1);
      expect(await callsOf(server, name)).toHaveLength(1);
    });

    test("the same form sent again under its key finds the same call", async ({ page, server, visit }) => {
      const name = someone();
      await visit("/calls/new");
      await fillIn(page, { name, number: answered, workflow: "Support" });
      const sent = page.waitForRequest((request) => request.method() === "POST");
      await page.getByRole("button", { name: "Create call" }).click();
      const request = await sent;
      await expect(rowOf(page, name)).toBeVisible();
      const again = await page.request.post(request.url(), {
        data: request.postData() ?? "",
        headers: { "content-type": "application/x-www-form-urlencoded" },
      });
      await expect(again).toBeOK();
      expect(await callsOf(server, name)).toHaveLength(1);
    });
  });
}

test.describe("going back without JavaScript, to the form with its old key,", () => {
  test.use({ javaScriptEnabled: false });

  test("and sending the same again makes no second call", async ({ page, server, visit }) => {
    const typed = { name: someone(), number: answered, workflow: "Support" };
    await visit("/calls/new");
    const key = await page.locator("input[name='form[form_key]']").inputValue();
    await fillIn(page, typed);
    await page.getByRole("button", { name: "Create call" }).click();
    await expect(rowOf(page, typed.name)).toBeVisible();
    await page.goBack();
    await expect(page.locator("input[name='form[form_key]']")).toHaveValue(key);
    await fillIn(page, typed);
    await page.getByRole("button", { name: "Create call" }).click();
    await expect(rowOf(page, typed.name)).toBeVisible();
    expect(await callsOf(server, typed.name)).toHaveLength(1);
  });

  test("and sending another call loses neither", async ({ page, server, visit }) => {
    const [first, second] = [someone("Ada"), someone("Grace")];
    await visit("/calls/new");
    for (const name of [first, second]) {
      await fillIn(page, { name, number: answered, workflow: "Support" });
      await page.getByRole("button", { name: "Create call" }).click();
      await expect(rowOf(page, name)).toBeVisible();
      await page.goBack();
    }
    expect(await callsOf(server, first)).toHaveLength(1);
    expect(await callsOf(server, second)).toHaveLength(1);
  });
});
