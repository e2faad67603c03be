// What every journey stands on: a server of its own, a page that may not complain, and a check for accessibility.
// Import `test` and `expect` from here, never from Playwright itself: this `test` also fails when the browser's
// console shows an error, a broken Content Security Policy included, though everything on the page looks right.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { test as base, expect, type BrowserContext, type Page, type Response } from "@playwright/test";

export { expect };

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const siteRoot = process.env.LEPTOS_SITE_ROOT ?? join(project, "target", "site");

/** Environment variables of the server, as `.env.example` documents them. */
export type Settings = Record<string, string>;

/** A running server with a database that nobody else uses. */
export interface Server {
  url: string;
  /** Everything it has printed so far. */
  log(): string;
  /** Ends it at once, as a power cut would. */
  crash(): Promise<void>;
  /** Starts it again, on the same port and with the same database. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

interface PerWorker {
  /** Set with `test.use({ settings: { … } })` at the top of a file; such a file gets a server of its own. */
  settings: Settings;
  server: Server;
}

interface PerTest {
  /** Console errors that a test provokes on purpose, such as the one a browser prints for a page that isn't there. */
  expectedErrors: RegExp;
  /** Opens an address of the server and, where JavaScript runs, waits until the page is hydrated. */
  visit: (path: string) => Promise<Response | null>;
  calmConsole: void;
}

export const test = base.extend<PerTest, PerWorker>({
  settings: [{}, { scope: "worker", option: true }],
  server: [
    async ({ settings }, use) => {
      const server = await startServer(settings);
      await use(server);
      await server.stop();
    },
    { scope: "worker", timeout: 60_000 },
  ],
  baseURL: async ({ server }, use) => use(server.url),
  // An expression that nothing matches.
  expectedErrors: [/(?!)/, { option: true }],
  visit: async ({ page, javaScriptEnabled }, use) => {
    await use(async (path) => {
      const response = await page.goto(path);
      if (javaScriptEnabled) await expectHydrated(page);
      return response;
    });
  },
  calmConsole: [
    async ({ context, server, expectedErrors }, use, testInfo) => {
      const complaints = complaintsOf(context);
      await use();
      if (testInfo.status !== testInfo.expectedStatus) {
        await testInfo.attach("server log", { body: server.log(), contentType: "text/plain" });
      }
      const unexpected = complaints.filter((line) => !expectedErrors.test(line));
      expect(unexpected, "the browser's console stays free of errors").toEqual([]);
    },
    { auto: true },
  ],
});

/** Starts the built server on a free port with a throw-away SQLite database; ready for requests when it returns. */
export async function startServer(settings: Settings = {}): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), "switchboard-e2e-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const binary = builtServer();
  // Nothing of the developer's own environment or .env file may reach the server, so it runs in its own folder
  // and is told every setting.
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    RUST_BACKTRACE: "1",
    LEPTOS_ENV: "PROD",
    LEPTOS_OUTPUT_NAME: "switchboard",
    LEPTOS_HASH_FILES: String(siteIsHashedFor(binary)),
    LEPTOS_SITE_ROOT: siteRoot,
    LEPTOS_SITE_ADDR: `127.0.0.1:${port}`,
    DATABASE_URL: `sqlite://${join(folder, "switchboard.db")}?mode=rwc`,
    RATE_LIMIT_PER_MINUTE: "0",
    // Ten seconds of a normal call become half a second.
    SIMULATOR_SPEED: "20",
    ...settings,
  };
  const lines: string[] = [];
  const log = () => lines.join("");
  let server: ChildProcess | undefined;
  const abandon = () => void server?.kill("SIGKILL");
  process.once("exit", abandon);
  const crash = async () => end(server, "SIGKILL");
  const stop = async () => {
    await end(server, "SIGTERM");
    process.off("exit", abandon);
    await rm(folder, { recursive: true, force: true });
  };
  const restart = async () => {
    server = spawn(binary, [], { cwd: folder, stdio: ["ignore", "pipe", "pipe"], env });
    const started = once(server, "spawn");
    const keep = (chunk: Buffer) => void lines.push(chunk.toString());
    server.stdout?.on("data", keep);
    server.stderr?.on("data", keep);
    await started;
    await ready(url, server);
  };
  try {
    await restart();
  } catch (problem) {
    await stop();
    throw new Error(`The server didn't start: ${String(problem)}\n${log()}`);
  }
  return { url, log, crash, restart, stop };
}

/** Waits until the browser's code has taken over the page: from then on its links and forms load no document. */
export async function expectHydrated(page: Page): Promise<void> {
  await expect(page.locator("html")).toHaveAttribute("data-hydrated", "");
}

/** Fails with a readable list if axe finds anything, in light and in dark unless one of them is named. */
export async function expectAccessible(page: Page, looks: ("light" | "dark")[] = ["light", "dark"]): Promise<void> {
  for (const colorScheme of looks) {
    // A colour that is still fading would be measured halfway.
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const findings = violations.flatMap((violation) =>
      violation.nodes.map((node) => `${violation.id}: ${violation.help} at ${node.target.join(" ")}`),
    );
    expect(findings, `axe finds nothing in ${colorScheme} on ${page.url()}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}

/** Collects from now on what the pages of a context complain about; the list grows while the test goes on. */
export function complaintsOf(context: BrowserContext): string[] {
  const complaints: string[] = [];
  context.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (problem) => void complaints.push(String(problem.error())));
  return complaints;
}

/** The binary to test: the one named by SWITCHBOARD_BIN, else the one that the site folder was built with. */
function builtServer(): string {
  if (process.env.SWITCHBOARD_BIN) return process.env.SWITCHBOARD_BIN;
  const metadata = execFileSync("cargo", ["metadata", "--no-deps", "--format-version", "1"], { cwd: project });
  const { target_directory: target } = JSON.parse(metadata.toString()) as { target_directory: string };
  const built = ["release", "debug"]
    .map((profile) => join(target, profile, "switchboard"))
    .filter((binary) => existsSync(binary))
    .sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
  // Development and release builds write the same site folder, and a build that changes nothing leaves an old
  // binary in place. Where the files carry hashes they say whose they are; where not, the newest is the best guess.
  const binary = built.find(siteIsHashedFor) ?? built[0];
  if (!binary) throw new Error("Nothing has been built yet: run `scripts/build` or `cargo leptos build` first.");
  return binary;
}

/** Whether the site's files carry the hashes that this binary looks for in the hash.txt beside it. */
function siteIsHashedFor(binary: string): boolean {
  const hashes = join(dirname(binary), "hash.txt");
  if (!existsSync(hashes)) return false;
  const script = /^js: (\S+)$/m.exec(readFileSync(hashes, "utf8"))?.[1];
  return existsSync(join(siteRoot, "pkg", `switchboard.${script}.js`));
}

async function ready(url: string, server: ChildProcess): Promise<void> {
  const patience = Date.now() + 30_000;
  while (Date.now() < patience) {
    if (server.exitCode !== null) throw new Error(`it ended with code ${server.exitCode}`);
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await pause(50);
  }
  throw new Error("it wasn't ready within 30 seconds");
}

async function end(server: ChildProcess | undefined, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (server?.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, "exit");
  server.kill(signal);
  // It may finish placings in hand for ten seconds; after that it hangs, and hanging must not hold up the run.
  const impatience = setTimeout(() => server.kill("SIGKILL"), 15_000);
  await ended;
  clearTimeout(impatience);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
