// Empties dist/ before a build, except for the committed placeholder that lets Go compile without npm.
import { rmSync } from "node:fs";

for (const path of ["dist/assets", "dist/.vite"]) rmSync(path, { recursive: true, force: true });
