// Posts with the official SDKs against the strict fakes (go run ./scripts/fakes/serve) and writes what they sent to
// ../testdata/*.json. TestOurRequestsEqualTheSDKs compares Lyceum's own requests with these files. Run it again when an
// SDK has a new version, by scripts/fakes/sdk/record.
import { writeFileSync } from "node:fs";
import http from "node:http";
import { AtpAgent, RichText } from "@atproto/api";
import { createRestAPIClient } from "masto";

const [mastodon, bluesky] = process.argv.slice(2);
const text = "The Paper Lantern\n\nThursday ✨ 13:00\n\nhttps://live.library.example/events/lantern";
const at = "2026-12-01T12:00:00.000Z";

// A proxy in front of a fake that remembers the last POST of interest.
function watch(target, wanted) {
  return new Promise((resolve) => {
    const seen = [];
    const server = http.createServer((request, response) => {
      const chunks = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", async () => {
        const body = Buffer.concat(chunks);
        if (wanted.includes(request.url)) {
          const headers = {};
          for (const name of ["Authorization", "Content-Type", "Idempotency-Key"]) {
            const value = request.headers[name.toLowerCase()];
            if (value !== undefined) headers[name] = value;
          }
          seen.push({ method: request.method, path: request.url, headers, body: JSON.parse(body) });
        }
        const headers = {};
        for (const name of ["authorization", "content-type", "idempotency-key", "accept"]) if (request.headers[name]) headers[name] = request.headers[name];
        const answer = await fetch(target + request.url, { method: request.method, headers, body: body.length ? body : undefined });
        response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "application/json" });
        response.end(Buffer.from(await answer.arrayBuffer()));
      });
    });
    server.listen(0, "127.0.0.1", () => resolve({ url: `http://127.0.0.1:${server.address().port}`, seen, close: () => server.close() }));
  });
}

function keep(name, value) {
  writeFileSync(new URL(`../testdata/${name}.json`, import.meta.url), `${JSON.stringify(value, null, 2)}\n`);
}

const m = await watch(mastodon, ["/api/v1/statuses"]);
const masto = createRestAPIClient({ url: m.url, accessToken: "token-for-tests" });
await masto.v1.statuses.create({ status: text, visibility: "public", language: "en" }, { requestInit: { headers: new Headers({ "Idempotency-Key": "post-1" }) } });
keep("mastodon-statuses", m.seen[0]);
m.close();

const b = await watch(bluesky, ["/xrpc/com.atproto.server.createSession", "/xrpc/com.atproto.repo.putRecord"]);
const agent = new AtpAgent({ service: b.url });
await agent.login({ identifier: "library.test", password: "app-password-for-tests" });
const rich = new RichText({ text });
rich.detectFacetsWithoutResolution();
await agent.com.atproto.repo.putRecord({
  repo: agent.session.did, collection: "app.bsky.feed.post", rkey: process.argv[4] ?? "3mb2222222222",
  record: { $type: "app.bsky.feed.post", text: rich.text, facets: rich.facets, langs: ["en"], createdAt: at },
});
keep("bluesky-session", b.seen[0]);
keep("bluesky-record", b.seen[1]);
b.close();
process.exit(0);
