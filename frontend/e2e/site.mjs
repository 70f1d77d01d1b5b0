// Starts the built binary's demo on free ports and a folder of its own, and
// tells a test where its pages are. The same folder and ports again are the same
// site after a restart; a public address of its own stands behind a proxy.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const binary = fileURLToPath(new URL("../../build/lyceum", import.meta.url));

/** A running demo: its address, the live talk's address and a staff sign-in link. */
export async function startSite({ data, listen = "127.0.0.1:0", publicUrl, media = "127.0.0.1:0" } = {}) {
  const folder = data ?? (await mkdtemp(join(tmpdir(), "lyceum-e2e-")));
  const child = spawn(binary, ["demo"], {
    env: {
      PATH: process.env.PATH,
      LYCEUM_DATA: folder,
      LYCEUM_LISTEN: listen,
      LYCEUM_MEDIA_ADDR: media,
      ...(publicUrl && { LYCEUM_PUBLIC_URL: publicUrl }),
      LYCEUM_RATE_LIMITS: "off",
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  const ended = once(child, "exit");
  const opened = new Promise((resolve, reject) => {
    child.stderr.on("data", (text) => {
      said += text;
      if (said.includes("Ctrl-C ends it")) resolve();
    });
    ended.then(() => reject(new Error(`lyceum ended: ${said}`)));
  });
  await opened;
  const find = (label) => new RegExp(`${label} +(\\S+)`).exec(said)[1];
  return {
    folder,
    url: find("Events").replace(/\/events$/, ""),
    live: find("Live now"),
    signIn: find("Sign in"),
    log: () => said,
    async kill(signal) {
      child.kill(signal);
      await ended;
    },
    async stop({ keep = false } = {}) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGINT");
        await ended;
      }
      if (!keep) await rm(folder, { recursive: true, force: true });
    },
  };
}
