// Chromium with a made-up camera and microphone, and what a test may ask of a
// page: what it receives, what it shows, and whether axe finds fault with it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** How long a state may take to come; reached states cost nothing. */
export const patience = 20_000;

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      "--auto-select-desktop-capture-source=Entire screen",
      "--allow-loopback-in-peer-connection",
      "--disable-features=WebRtcHideLocalIpsWithMdns",
    ],
  });
}

/** One person's browser: a context of its own, with every peer connection kept in view. */
export async function person(browser, { devices = true, javaScript = true, ...options } = {}) {
  const context = await browser.newContext({
    permissions: devices ? ["camera", "microphone"] : [],
    javaScriptEnabled: javaScript,
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  context.setDefaultTimeout(patience);
  await context.addInitScript(() => {
    const made = (window.connectionsMade = []);
    const Real = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Real {
      constructor(...args) {
        super(...args);
        made.push(this);
      }
    };
  });
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && /content security policy/i.test(message.text())) page.faults.push(message.text());
  });
  page.on("request", (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol.startsWith("http") && hostname !== "127.0.0.1") page.faults.push(`third party: ${hostname}`);
  });
  return page;
}

/** What the page receives, summed over its open connections. */
export async function received(page) {
  return page.evaluate(async () => {
    const sum = { framesDecoded: 0, totalAudioEnergy: 0, audioPackets: 0, videoPackets: 0 };
    for (const connection of window.connectionsMade) {
      if (connection.connectionState === "closed") continue;
      for (const report of (await connection.getStats()).values()) {
        if (report.type !== "inbound-rtp") continue;
        sum.framesDecoded += report.framesDecoded ?? 0;
        sum.totalAudioEnergy += report.totalAudioEnergy ?? 0;
        if (report.kind === "audio") sum.audioPackets += report.packetsReceived;
        if (report.kind === "video") sum.videoPackets += report.packetsReceived;
      }
    }
    return sum;
  });
}

/** Waits until probe's answer satisfies the condition, and answers it. */
export async function until(what, probe, condition) {
  const end = Date.now() + patience;
  let last;
  do {
    last = await probe();
    if (condition(last)) return last;
    await new Promise(setImmediate);
  } while (Date.now() < end);
  assert.fail(`${what}: last seen ${JSON.stringify(last)}`);
}

/** Waits until the page decodes frames and hears energy that it did not a moment ago. */
export async function seesAndHears(page, { video = true, audio = true } = {}) {
  const before = await received(page);
  await until("sees and hears", () => received(page), (now) =>
    (!video || now.framesDecoded > before.framesDecoded + 5) && (!audio || now.totalAudioEnergy > before.totalAudioEnergy));
}

/** Waits until a video element's picture is another one than before. */
export async function pictureMoves(page, video) {
  const picture = () =>
    video.evaluate((element) => {
      const canvas = document.createElement("canvas");
      canvas.width = 64;
      canvas.height = 36;
      const pen = canvas.getContext("2d");
      pen.drawImage(element, 0, 0, 64, 36);
      return pen.getImageData(0, 0, 64, 36).data.join();
    });
  const first = await picture();
  await until("the picture moves", picture, (now) => now !== first && new Set(now.split(",")).size > 8);
}

/** Fails when axe finds anything serious, in the light or the dark theme. */
export async function accessible(page, where) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
    const found = await page.evaluate(() =>
      window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
    const serious = found.violations.filter((v) => v.impact === "serious" || v.impact === "critical");
    assert.deepEqual(
      serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`),
      [],
      `${where}, ${colorScheme}`,
    );
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}
