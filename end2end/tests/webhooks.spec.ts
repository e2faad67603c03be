// Endpoints under Settings: made, shown their secret once, tried, changed, rotated, deleted; with and without scripts.

import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, expectAccessible, test } from "../helpers.ts";
import { makeCall } from "../pages.ts";
import type { Page } from "@playwright/test";

test.use({ settings: { WEBHOOK_ALLOW_PRIVATE: "true", NODE_NAME: "webhooks" } });

/** What arrived at a receiver. */
interface Arrived {
  headers: IncomingMessage["headers"];
  body: string;
}

/** A program that listens on a port of its own and answers with `status`. */
class Receiver {
  readonly arrived: Arrived[] = [];
  status = 204;
  readonly #server: HttpServer = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      this.arrived.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(this.status).end(this.status === 204 ? undefined : "out of order");
    });
  });

  async open(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hooks`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** Makes an endpoint by the form and answers its secret. */
async function addEndpoint(page: Page, url: string, description: string): Promise<string> {
  await page.getByLabel("Address").fill(url);
  await page.getByLabel("Description").fill(description);
  await page.getByRole("button", { name: "Add endpoint" }).click();
  await expect(page.getByRole("heading", { level: 1, name: description })).toBeVisible();
  return (await page.getByText(/^whsec_/).textContent()) ?? "";
}

function expectSignedWith(secret: string, { headers, body }: Arrived): void {
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
  const expected = `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
  expect(String(headers["webhook-signature"]).split(" ")).toContain(expected);
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with scripts" : "without scripts", () => {
    // The browser prints a line for an answer that refuses a form.
    test.use({ javaScriptEnabled, expectedErrors: /status of 422/ });

    test("an endpoint from its first test to its end", async ({ page, server, visit }) => {
      const receiver = new Receiver();
      const url = await receiver.open();
      // What comes by itself with scripts is asked for without them.
      const news = async () => {
        if (!javaScriptEnabled) await page.reload();
      };
      try {
        await visit("/");
        await page.getByRole("link", { name: "Settings" }).click();
        await page.getByRole("link", { name: "Webhook endpoints" }).click();
        const secret = await addEndpoint(page, url, "Billing");
        expect(secret).toMatch(/^whsec_/);

        await page.getByRole("button", { name: "Send a test" }).click();
        await expect.poll(() => receiver.arrived.length).toBe(1);
        expectSignedWith(secret, receiver.arrived[0]!);
        await expect(async () => {
          await news();
          await expect(page.getByText("answered 204")).toBeVisible({ timeout: 2_000 });
        }).toPass();
        await page.reload();
        await expect(page.getByText(/^whsec_/)).toHaveCount(0);

        const call = await makeCall(server);
        await expect.poll(() => receiver.arrived.filter((it) => it.body.includes(call.id)).length).toBe(4);
        await page.reload();
        await page.getByRole("button", { name: /^Send again: call.created/ }).click();
        await expect.poll(() => receiver.arrived.filter((it) => it.body.includes("call.created")).length).toBe(2);
        const ids = receiver.arrived.filter((it) => it.body.includes("call.created")).map((it) => it.headers["webhook-id"]);
        expect(ids[0]).toBe(ids[1]);

        await page.getByText("New secret…").click();
        await page.getByRole("button", { name: "Yes, make a new secret" }).click();
        await expect(page.getByText(/^whsec_/)).toBeVisible();
        const next = (await page.getByText(/^whsec_/).textContent()) ?? "";
        expect(next).not.toBe(secret);

        await page.getByRole("button", { name: "Disable" }).click();
        await expect(page.getByText("It was disabled by hand.")).toBeVisible();
        await page.getByRole("button", { name: "Enable" }).click();
        await expect(page.getByRole("button", { name: "Send a test" })).toBeVisible();
        await page.getByRole("button", { name: "Send a test" }).click();
        await expect.poll(() => receiver.arrived.filter((it) => it.body.includes("webhook.test")).length).toBe(2);
        expectSignedWith(secret, receiver.arrived.at(-1)!);
        expectSignedWith(next, receiver.arrived.at(-1)!);

        await page.getByText("Delete…").click();
        await page.getByRole("button", { name: "Yes, delete" }).click();
        await expect(page).toHaveURL(`${server.url}/settings/webhooks`);
        await expect(page.getByRole("link", { name: url })).toHaveCount(0);
      } finally {
        receiver.close();
      }
    });

    test("a form that is wrong says so and keeps what was typed", async ({ page, visit }) => {
      await visit("/settings/webhooks");
      await page.getByLabel("Address").fill("example.org/hooks");
      await page.getByLabel("Description").fill("My own words");
      await page.getByRole("button", { name: "Add endpoint" }).click();
      await expect(page.getByRole("alert")).toContainText("Enter a whole address");
      await expect(page.getByLabel("Address")).toHaveValue("example.org/hooks");
      await expect(page.getByLabel("Description")).toHaveValue("My own words");
    });
  });
}

test.describe("an endpoint that does not answer well", () => {
  test("is shown as failing, and what it said can be read", async ({ page, visit }) => {
    const receiver = new Receiver();
    receiver.status = 500;
    const url = await receiver.open();
    try {
      await visit("/settings/webhooks");
      await addEndpoint(page, url, "Broken");
      await page.getByRole("button", { name: "Send a test" }).click();
      await expect(page.getByText("This endpoint does not take what is sent")).toBeVisible();
      await expect(page.getByText("answered 500")).toBeVisible();
      await page.getByText("Details", { exact: true }).first().click();
      await expect(page.getByText("out of order")).toBeVisible();
      await expectAccessible(page);
    } finally {
      receiver.close();
    }
  });
});
