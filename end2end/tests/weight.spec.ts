// What the first page weighs. Whoever passes a gate makes every visit slower.

import { expect, startServer, test } from "../helpers.ts";
import { makeCall } from "../pages.ts";

/** WebAssembly, JavaScript and CSS of the first page as they are sent, compressed and with headers, in bytes. */
const gate = 200_000;
/** The document with 50 rows, compressed, in bytes. */
const documentGate = 60_000;

test("the first page stays under its gates", async ({ page }) => {
  const server = await startServer();
  for (let call = 0; call < 50; call += 1) await makeCall(server, { delay_secs: 3600 });
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const paths = new Map<string, string>();
  const sizes: Record<string, number> = {};
  let documentSize = 0;
  session.on("Network.responseReceived", ({ requestId, response }) => {
    paths.set(requestId, new URL(response.url).pathname);
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const path = paths.get(requestId) ?? "";
    if (/\.(wasm|js|css)$/.test(path)) sizes[path] = encodedDataLength;
    if (path === "/") documentSize = encodedDataLength;
  });
  await page.goto(server.url, { waitUntil: "networkidle" });
  const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  expect(Object.keys(sizes).length, "script, code and styles were loaded").toBeGreaterThanOrEqual(3);
  expect(total, JSON.stringify(sizes)).toBeLessThanOrEqual(gate);
  expect(documentSize, "the document with 50 rows").toBeGreaterThan(1_000);
  expect(documentSize, "the document with 50 rows").toBeLessThanOrEqual(documentGate);
  // A page that is still open would ask a server that is gone.
  await page.goto("about:blank");
  await server.stop();
});

test("files with hashed names are kept for ever and come compressed; pages are asked for anew", async ({ page, server }) => {
  const script = await page.request.get(server.url).then(async (answer) => {
    expect(answer.headers()["cache-control"]).toMatch(/no-(cache|store)/);
    return /\/pkg\/switchboard\.[^".]+\.wasm/.exec(await answer.text())?.[0];
  });
  expect(script, "the page names a file with a hash of its content").toBeDefined();
  const file = await page.request.get(`${server.url}${script}`, { headers: { "accept-encoding": "br" } });
  expect(file.headers()["cache-control"]).toContain("immutable");
  expect(file.headers()["content-encoding"]).toBe("br");
  expect(file.headers()["content-type"]).toBe("application/wasm");
});
