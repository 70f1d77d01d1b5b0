// Reads `go test -json` output: prints each package's outcome, what a failed
// test printed, and last "passed failed skipped" as three numbers.
import { readFileSync } from "node:fs";

const output = new Map(); // test -> what it printed
const counts = { pass: 0, fail: 0, skip: 0 };
const lines = readFileSync(process.argv[2], "utf8").split("\n").filter((line) => line.startsWith("{"));
for (const line of lines) {
  const event = JSON.parse(line);
  const test = `${event.Package ?? event.ImportPath} ${event.Test ?? ""}`;
  if (event.Action === "output" || event.Action === "build-output") {
    output.set(test, (output.get(test) ?? "") + event.Output);
  } else if (event.Test && event.Action in counts) {
    counts[event.Action]++;
    if (event.Action === "fail") console.log(output.get(test) ?? test);
    if (event.Action === "skip") console.log(`skipped: ${test}`);
  } else if (event.Action === "build-fail") {
    console.log(output.get(test) ?? test);
  } else if (!event.Test && (event.Action === "pass" || event.Action === "fail")) {
    console.log(`${event.Action === "pass" ? "ok  " : "FAIL"} ${event.Package} ${event.Elapsed}s`);
    if (event.Action === "fail") console.log((output.get(test) ?? "").split("\n").slice(-40).join("\n"));
  }
}
console.log(counts.pass, counts.fail, counts.skip);
