// What can't be shown says so, with the status that programs read.

import { expect, test } from "../helpers.ts";

const nobody = "00000000-0000-7000-8000-000000000000";

const refusals = [
  { path: "/nowhere", status: 404, says: "There is nothing at this address" },
  { path: "/calls/new/further", status: 404, says: "There is nothing at this address" },
  { path: `/calls/${nobody}`, status: 404, says: "There is no such call" },
  { path: "/calls/nonsense", status: 404, says: "There is no such call" },
  { path: `/calls/${nobody}/edit`, status: 404, says: "There is no such call" },
  { path: "/?phase=nonsense", status: 400, says: "This address can't be read" },
  { path: "/?colour=green", status: 400, says: "This address can't be read" },
];

test("a cursor that leads nowhere shows the list's beginning", async ({ visit, page }) => {
  expect((await visit("/?cursor=nonsense"))?.status()).toBe(200);
  await expect(page.getByRole("heading", { level: 1, name: "Calls" })).toBeVisible();
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    // The browser itself prints a line for each document that is an error, as these are meant to be.
    test.use({ javaScriptEnabled, expectedErrors: /status of 40[04]/ });

    for (const { path, status, says } of refusals) {
      test(`${path} is answered with ${status} and leads on`, async ({ page, server, visit }) => {
        const response = await visit(path);
        expect(response?.status()).toBe(status);
        await expect(page.getByRole("heading", { level: 1, name: says })).toHaveCount(1);
        await page.getByRole("main").getByRole("link", { name: /all calls|the calls/ }).click();
        await expect(page).toHaveURL(`${server.url}/`);
        await expect(page.getByRole("heading", { level: 1, name: "Calls" })).toBeVisible();
      });
    }
  });
}
